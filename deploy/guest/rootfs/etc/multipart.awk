# Splits a MIME archive into files named `to`.N, those in base64 with that suffix. Nested archives are not split.
{ sub(/\r$/, "") }
boundary == "" && match($0, /boundary="?[^";]+/) {
  boundary = substr($0, RSTART + 9, RLENGTH - 9); sub(/^"/, "", boundary); next
}
boundary != "" && index($0, "--" boundary) == 1 { part++; header = 1; suffix = ""; next }
part && header && /^$/ { header = 0; next }
part && header { if (tolower($0) ~ /^content-transfer-encoding: *base64/) suffix = ".base64"; next }
part { print > (to "." part suffix) }
