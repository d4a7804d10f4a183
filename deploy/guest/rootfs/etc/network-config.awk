# Reads the seed's network-config (version 2, as Berth writes it) and prints what it says of the card whose MAC is
# `mac`, a setting a line: address, gateway, dns. Nothing for a card with DHCP or one that is not in it.
{ gsub(/["\r,]/, "") }
/^  [^ ]/ { ours = 0; list = "" }
$1 == "macaddress:" { ours = tolower($2) == tolower(mac) }
!ours { next }
$1 == "nameservers:" { list = "dns"; next }
$1 == "addresses:" { if (list != "dns") list = "address"; next }
$1 == "gateway4:" { print "gateway", $2; list = ""; next }
$1 == "-" && list != "" { print list, $2 }
