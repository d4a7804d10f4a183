#!/usr/bin/env bash
# ca.sh DIRECTORY server|client NAME [OTHER NAME OR ADDRESS]...: makes a certificate for NAME with a small certificate
# authority of one's own in DIRECTORY, which is made first if it is not there.
#   DIRECTORY/cacert.pem              the authority, for whoever is to trust it; cakey.pem signs: keep it off the network
#   DIRECTORY/NAME/{cert,key}.pem     for a server: every NAME and address that others call it by
# BERTH_CA_DAYS is how long what is made is good for (825).
set -euo pipefail
[ $# -ge 3 ] || { sed -n '2,6s/^# \?//p' "$0" >&2; exit 2; }
directory=$1 use=$2 name=$3
shift 2
case $use in server | client) ;; *) echo "server or client, not $use" >&2; exit 2 ;; esac
days=${BERTH_CA_DAYS:-825}
umask 077
mkdir -p "$directory/$name"
cd "$directory"

key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null; }

if [ ! -f cacert.pem ]; then
  key cakey.pem
  openssl req -x509 -new -key cakey.pem -sha256 -days 3650 -subj "/O=Berth/CN=Berth CA" \
    -addext keyUsage=critical,keyCertSign,cRLSign -out cacert.pem
  chmod 644 cacert.pem
fi

# libvirt asks for keyEncipherment whatever the kind of key.
names=
for other; do
  case $other in
  *[!0-9.]*) case $other in *:*) kind=IP ;; *) kind=DNS ;; esac ;;
  *) kind=IP ;;
  esac
  names+=${names:+,}$kind:$other
done
key "$name/key.pem"
openssl req -new -key "$name/key.pem" -subj "/O=Berth/CN=$name" -out "$name/request.pem"
openssl x509 -req -in "$name/request.pem" -CA cacert.pem -CAkey cakey.pem -CAcreateserial -sha256 -days "$days" \
  -out "$name/cert.pem" -extfile <(
    printf 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,keyEncipherment\n'
    printf 'extendedKeyUsage=%sAuth\nsubjectAltName=%s\n' "$use" "$names"
  ) 2>/dev/null
rm "$name/request.pem"
chmod 644 "$name/cert.pem"
