#!/bin/bash
#
# In the guest: the names that rules of udev give to a modem's ports, by its place and by its IMEI: that they stay when
# it starts anew, go with it, and never lead to another; who may use the ports; that Debian's ModemManager does as well with
# them.

# The functions are called by `check`.
# shellcheck disable=SC2317

. ./guest-lib.sh

rules=/run/udev/rules.d/79-qmikit-modems.rules
ports='at diag modem nmea qmi '

place_of() { basename "$(realpath "/sys/class/usbmisc/$1/device/..")"; }
imei_of() { ctl status --modem "$1" | sed 's/.*"imei":"\([0-9]*\)".*/\1/'; }
names() { [ ! -d "/dev/modems/$1" ] || find "/dev/modems/$1" -printf '%P\n' | grep . | sort | tr '\n' ' '; }
has_names() {
	echo "$1: $(names "$1")"
	[ "$(names "$1")" = "$ports" ]
}
has_none() { [ ! -e "/dev/modems/$1" ]; }
only() { [ "$(find /dev/modems -mindepth 1 -maxdepth 1 -printf '%f\n' | sort | xargs)" = "$(printf '%s\n' "$@" | sort | xargs)" ]; }

# Every name in the folder is of a port of the modem at that place.
all_at() {
	local link node
	for link in "/dev/modems/$1"/*; do
		node=$(basename "$(realpath "$link")")
		realpath /sys/class/*/"$node" | grep -F "/$2/$2:" || { echo "$link leads to $node"; return 1; }
	done
}
interface_of() { cat "$(realpath "/sys/class/tty/$(basename "$(realpath "$1")")/device/..")/bInterfaceNumber"; }
is_interface() { [ "$(interface_of "$1")" = "$2" ]; }

mode() { stat -L -c '%U %G %a' "$1"; }
as_member() { setpriv --reuid=65534 --regid=65534 --groups="$1" qmicli -d "/dev/modems/$place/qmi" --device-open-direct --dms-get-model; }

# What the modem at a port says it is.
asks() { qmicli -d "/dev/modems/$1/qmi" --dms-get-ids | grep -F "IMEI: '$2'"; }

connects() {
	qmi-network --profile=/dev/null "$1" start && qmi-network --profile=/dev/null "$1" status | grep -F 'Status: connected' &&
		[ -e "/run/qmi-network/qmi-network-state-$place" ] && qmi-network --profile=/dev/null "$1" stop
}

has_settled() { udevadm settle && modem_is disabled; }
one_modem() { [ "$(mmcli -L | grep -c /Modem/)" = 1 ]; }
named_roof() { has_settled && /usr/bin/mmcli -m roof && one_modem; }

# An EC21, which the rules of Debian's 1.20 do not know.
ec21() {
	cat >"$folder/ec21.json" <<-'END'
		{"base": "ec25-eux", "name": "ec21", "title": "Quectel EC21", "usb": {"vendor": "0x2c7c", "product": "0x0121"}}
	END
}

clean_up() {
	rm -rf "$rules" /etc/ModemManager/modems.conf
	udevadm control --reload
	remove_daemon
}

# shellcheck disable=SC2034  # end reads it
units=(ModemManager)
modprobe -a vhci_hcd qmi_wwan option
trap 'clean_up; kill "${servers[@]}" 2>/dev/null' EXIT
mkdir -p /run/udev/rules.d
check 'udev has the rules' cp ../units/79-qmikit-modems.rules "$rules"
check 'and no complaint about them' eval 'udevadm control --reload; ! journalctl -u systemd-udevd --no-pager | grep -F 79-qmikit'
check 'no daemon runs' systemctl stop ModemManager

starts 'qmi-sim plugs two modems in' --usb --warm --time-scale 0.1 --count 2 --control "$control"
or_end 'the kernel has all their ports' within 60 enumerated 2
udevadm settle
place=$(place_of cdc-wdm0)
other=$(place_of cdc-wdm1)
check 'the names of the first are there' has_names "$place"
check 'and of the second' has_names "$other"
check 'none else' only "$place" "$other"
check 'the names of one lead to that one' all_at "$place" "$place"
check 'those of the other to the other' all_at "$other" "$other"
check 'diag is interface 0' is_interface "/dev/modems/$place/diag" 00
check 'nmea is interface 1' is_interface "/dev/modems/$place/nmea" 01
check 'at is interface 2' is_interface "/dev/modems/$place/at" 02
check 'modem is interface 3' is_interface "/dev/modems/$place/modem" 03
check 'the group dialout may use the QMI port' test "$(mode /dev/cdc-wdm0)" = 'root dialout 660'
check 'and the AT port' test "$(mode "/dev/modems/$place/at")" = 'root dialout 660'
check 'a member of it asks the modem' as_member 20
check 'another user may not' eval '! as_member 65534'
first=$(imei_of 0)
second=$(imei_of 1)
check 'qmicli takes a name' asks "$place" "$first"
check 'Debian'\''s qmicli too' eval "/usr/bin/qmicli -d /dev/modems/$other/qmi --dms-get-ids | grep -F '$second'"
check 'qmi-network takes a name, and keeps its state under the place' connects "/dev/modems/$place/qmi"

check 'our daemon runs' our_daemon
check 'the first has names by its IMEI' within 60 has_names "$first"
check 'and the second' within 30 has_names "$second"
check 'none else' only "$place" "$other" "$first" "$second"
check 'which lead to the first' all_at "$first" "$place"
check 'and to the second' all_at "$second" "$other"
check 'the first answers by it' asks "$first" "$first"
check 'and the second' asks "$second" "$second"
check 'udev goes through all ports again' udevadm trigger --settle --subsystem-match=tty --subsystem-match=usbmisc
check 'which leaves the names' only "$place" "$other" "$first" "$second"
check 'the daemon ends' systemctl stop ModemManager
check 'which leaves them, too' has_names "$first"

check 'the first is reset while no daemon runs' ctl reset
check 'its names go' within 60 has_none "$place"
check 'by its IMEI, too' within 10 has_none "$first"
check 'by its place they are there again' within 90 has_names "$place"
check 'nobody says that it is the same' has_none "$first"
check 'those of the second never went' has_names "$second"
check 'the daemon is back' systemctl start ModemManager
check 'and says it' within 60 has_names "$first"
check 'it is reset with the daemon running' ctl reset
check 'its names go again' within 60 has_none "$first"
check 'and come again' within 90 has_names "$first"
check 'with the right ports' all_at "$first" "$place"
check 'and the second has its own' all_at "$second" "$other"
check 'the second is unplugged' ctl unplug --modem 1
check 'its names go with it' within 30 only "$place" "$first"
check 'it is plugged in' ctl plug --modem 1
check 'they come with it' within 90 has_names "$second"
kill "$sim"
check 'both leave' within 30 unplugged
check 'and nothing is left' within 10 has_none

starts 'another modem is plugged in at the place of the first' --usb --warm --time-scale 0.1 --seed 7 --control "$control"
third=$(imei_of 0)
check 'it has its own names' within 60 has_names "$third"
check 'at that place' all_at "$third" "$place"
check 'and not those of the one before' only "$place" "$third"
mkdir -p /etc/ModemManager
printf '[roof]\ndevice = /dev/modems/%s/qmi\n' "$place" >/etc/ModemManager/modems.conf
check 'modems.conf names it by such a name' systemctl restart ModemManager
check 'the daemon knows it, once' within 60 named_roof
kill "$sim"
check 'it leaves' within 30 unplugged
remove_daemon

ec21
check 'the rules are put beside those of Debian'\''s ModemManager' cp ../units/79-qmikit-modems.rules "$rules"
check 'and udev has them' udevadm control --reload
check 'Debian'\''s ModemManager runs' systemctl start ModemManager
starts 'an EC21 is plugged in, which it has no hints for' --usb --warm --time-scale 0.1 --profile "$folder/ec21.json" --control "$control"
or_end 'it has the modem' within 120 modem_is disabled
check 'the names are there' has_names "$place"
kill "$sim"
check 'it leaves' within 30 unplugged
check 'the kernel has no complaint' no_complaint
end
