#!/bin/bash
#
# In the guest: how our ModemManager is started and kept running, and how it finds modems: udev's tags, hooks, names, a
# broker that ends, cables that are pulled, other USB modes.

# The functions are called by `check`.
# shellcheck disable=SC2317

. ./guest-lib.sh

# --- The service

pid_now() { systemctl show -P MainPID ModemManager; }
other_pid() { systemctl is-active ModemManager && [ "$(pid_now)" != "$pid" ] && [ "$(pid_now)" != 0 ]; }

starts_by_bus() {
	systemctl stop ModemManager
	"$@" && systemctl is-active ModemManager
}

# Of the service as it is, out of 10; less is better.
exposure() { systemd-analyze security --no-pager "$@" 2>/dev/null | sed -n 's/.*exposure level for .*: \([0-9.]*\) .*/\1/p'; }
tighter() {
	local ours theirs
	ours=$(exposure ModemManager.service)
	theirs=$(exposure --offline=true /lib/systemd/system/ModemManager.service)
	echo "# systemd-analyze security: ours $ours, Debian's $theirs" >"$folder/exposure"
	awk "BEGIN { exit !(${ours:-10} <= ${theirs:-0} / 2) }"
}

# The service manager asks every 4 s for a sign of life.
watch_closely() {
	mkdir -p /run/systemd/system/ModemManager.service.d
	printf '[Service]\nWatchdogSec=4\n' >/run/systemd/system/ModemManager.service.d/watchdog.conf
	systemctl daemon-reload && systemctl restart ModemManager
}

stop_daemon() {
	pid=$(pid_now)
	kill -STOP "$pid"
}

journal_says() { journalctl --sync && journalctl -u ModemManager --no-pager | grep -F "$1"; }

# --- Devices

gone() { mmcli -L | grep -q 'No modems'; }
one_modem() { [ "$(mmcli -L | grep -c /Modem/)" = 1 ]; }
same_modem() { modem_is disabled && one_modem && [ "$modem" = "$first" ]; }
reset_and_come_back() { mmcli -m "$modem" -r && within 60 gone && within 60 same_modem; }
same_node() { modem_is disabled && [ "$modem" = "$qrtr" ]; }

# rule TEXT...: the only one, in force for what is there now.
rule() {
	mkdir -p /run/udev/rules.d
	if [ $# = 0 ]; then rm /run/udev/rules.d/99-test.rules; else echo "$*" >/run/udev/rules.d/99-test.rules; fi
	udevadm control --reload && udevadm trigger --action=change --settle /sys/class/usbmisc/cdc-wdm0 /sys/class/tty/ttyUSB2
}
port_is() { mmcli -K -m "$modem" | grep -F "value" | grep -F ": $1 ($2)"; }

hook() {
	mkdir -p "/etc/ModemManager/$1"
	printf '#!/bin/sh\necho "$@" >>/run/ModemManager/%s\n' "$1" >"/etc/ModemManager/$1/$2"
	chmod 755 "/etc/ModemManager/$1/$2"
}
hook_said() { grep -x "$2" "/run/ModemManager/$1" || { cat "/run/ModemManager/$1"; return 1; }; }

same_bearer() { modem_is connected && [ "$(value modem.generic.bearers.value\[1\])" = "$bearer" ]; }

# --- Before udev

# slow_udev SECONDS RULE...: udev takes so long for each port; the rules beside it are in force for what comes.
slow_udev() {
	local seconds=$1
	shift
	mkdir -p /run/udev/rules.d
	printf '%s\n' "SUBSYSTEM==\"usbmisc|tty|net\", SUBSYSTEMS==\"usb\", ACTION!=\"remove\", PROGRAM=\"/bin/sleep $seconds\"" "$@" \
		>/run/udev/rules.d/99-test.rules
	udevadm control --reload
}
usual_udev() { rm /run/udev/rules.d/99-test.rules && udevadm control --reload && udevadm settle; }
udev_is_busy() { ! udevadm settle -t 0; }
has_node() { [ -e /dev/cdc-wdm0 ]; }
unknown_to_broker() { ! qmi-proxy status | grep /dev/cdc-wdm; }
# Until udev is through, and a moment longer.
untouched_meanwhile() {
	while udev_is_busy 2>/dev/null; do
		unknown_to_broker || return
		sleep 0.2
	done
}
there_meanwhile() {
	while udev_is_busy 2>/dev/null; do
		one_modem && modem_is disabled || return
		sleep 0.2
	done
}
pull() { ctl unplug && within 10 gone; }
put_back() { ctl plug && within 60 same_modem; }
interface_of_bearer() { mmcli -K -b "$(value modem.generic.bearers.value\[1\])" | sed -n 's/^bearer.status.interface *: //p' | grep -x "$1"; }

# The kernel may be amid anything: enumerating, configuring, probing, letting go.
storm() {
	local i
	for i in 1 2 3 4 5 6; do
		ctl unplug && sleep "0.$((i * 3 % 7))" && ctl plug && sleep "0.$((i * 5 % 9))" || return
	done
}

clean_up() {
	rm -rf /etc/ModemManager /run/udev/rules.d/99-test.rules /run/systemd/system/ModemManager.service.d
	udevadm control --reload
	systemctl disable --runtime ModemManager
	remove_daemon
}

units=(ModemManager)
modprobe -a vhci_hcd qmi_wwan option
trap clean_up EXIT
hook modem-setup.d 2c7c:0125
hook connection.d 10-note
or_end 'our daemon runs as the service' our_daemon
check 'the broker is started with it, before there is a modem' within 10 systemctl is-active qmi-proxy.service
check 'it has its name for D-Bus' systemctl enable --runtime ModemManager
# (mmcli itself starts no daemon.)
check 'a call on the bus starts it' starts_by_bus busctl call org.freedesktop.ModemManager1 /org/freedesktop/ModemManager1 \
	org.freedesktop.ModemManager1 ScanDevices
check 'it is confined twice as well as Debian'\''s' tighter
cat "$folder/exposure"
check 'it may be watched more closely' watch_closely
stop_daemon
check 'one that hangs is started again by the watchdog' within 60 other_pid
rm -r /run/systemd/system/ModemManager.service.d
check 'it is watched as ever' eval 'systemctl daemon-reload && systemctl restart ModemManager'
check 'mmcli sets the level of the log' /usr/bin/mmcli -G DEBUG
check 'which the journal tells' journal_says "logging: level 'DEBUG'"

starts 'qmi-sim plugs a modem in' --usb --warm --time-scale 0.1 --control "$control"
or_end 'it is disabled' within 90 modem_is disabled
find_modem
first=$modem
check 'modem-setup.d was run' hook_said modem-setup.d '/sys/devices/.* cdc-wdm0 ttyUSB2 ttyUSB3'
check 'it takes a moment to ignore a port' rule 'KERNEL=="ttyUSB2", ENV{ID_MM_PORT_IGNORE}="1"'
check 'a rule of udev has a port ignored' within 30 port_is ttyUSB2 ignored
check 'one has the device ignored' rule 'KERNEL=="cdc-wdm0", ENV{ID_MM_DEVICE_IGNORE}="1"'
check 'and it is' within 30 gone
check 'one names it' rule 'KERNEL=="cdc-wdm0", ENV{ID_MM_PHYSDEV_UID}="roof"'
check 'it is back under its index' within 60 same_modem
check 'Debian'\''s mmcli knows it by its name' /usr/bin/mmcli -m roof
check 'without rules it is as it was' rule
check 'and found by its path again' within 30 eval '! /usr/bin/mmcli -m roof'

check 'mmcli connects it' mmcli -m "$modem" --simple-connect=apn=internet
bearer=$(value modem.generic.bearers.value\[1\])
check 'connection.d was run' within 30 hook_said connection.d "$modem $bearer wwan0 connected"
check 'the broker is killed' systemctl kill -s KILL qmi-proxy.service
check 'another broker has the modem' within 60 journal_says 'another broker has the modem'
check 'the connection is up by the same bearer' same_bearer
check 'mmcli disconnects it' mmcli -m "$modem" --simple-disconnect
check 'connection.d was run again' within 30 hook_said connection.d "$modem $bearer wwan0 disconnected"
check 'mmcli disables it' mmcli -m "$modem" -d

check 'a reset leaves it its index' reset_and_come_back
check 'its cable is pulled again and again' storm
check 'it is there once, under its index' within 60 same_modem
check 'it is turned into one without QMI' eval 'ctl usb-network ecm && ctl reset && within 60 gone'
check 'and is no modem then' eval 'sleep 3; gone'
check 'as one with QMI it is itself again' eval 'ctl usb-network qmi && ctl reset && within 60 same_modem'
check 'mmcli inhibits nothing that is not there' eval '! /usr/bin/mmcli --inhibit-device=nothing'
check 'mmcli has devices scanned' /usr/bin/mmcli --scan-modems
check 'which changes nothing' same_modem
kill "$sim"
check 'it leaves with its device' within 60 gone

check 'udev is slow, and calls the interface lte0' slow_udev 12 'SUBSYSTEM=="net", DRIVERS=="qmi_wwan", NAME="lte0"'
starts 'qmi-sim plugs a modem in' --usb --warm --time-scale 0.1 --control "$control"
check 'it is disabled' within 60 same_modem
check 'while udev is at work yet' udev_is_busy
check 'with all its ports' eval 'port_is cdc-wdm0 qmi && port_is ttyUSB1 gps && port_is ttyUSB2 at && port_is wwan0 net'
check 'it connects' mmcli -m "$modem" --simple-connect=apn=internet
check 'by the name that udev gave the interface' interface_of_bearer lte0
check 'which is told' within 30 port_is lte0 net
check 'mmcli takes it down' mmcli -m "$modem" --simple-disconnect
check 'and disables it' mmcli -m "$modem" -d
check 'its cable is pulled' pull
check 'and put back' put_back
check 'and again' eval 'pull && put_back'
check 'before udev has told of the first time' udev_is_busy
check 'which says nothing of what is there now' there_meanwhile
check 'nor then' eval 'one_modem && modem_is disabled'
kill "$sim"
check 'it leaves with its device' within 60 gone
check 'a rule has it ignored' slow_udev 4 'SUBSYSTEM=="usbmisc", ENV{ID_MM_DEVICE_IGNORE}="1"'
sleep 3 # what the daemon knows of rules it knows so long
starts 'qmi-sim plugs it in' --usb --warm --time-scale 0.1 --control "$control"
check 'its node is there' within 30 has_node
check 'nobody uses it while udev is at work' untouched_meanwhile
check 'nor then' eval 'sleep 1; unknown_to_broker && gone'
kill "$sim"
check 'it leaves' within 60 eval '! has_node'
check 'udev is as ever' usual_udev

check 'the kernel gets QRTR' modprobe qrtr
starts 'a modem is a node of it' --qrtr --seed 2 --control "$control"
check 'which is found' within 60 modem_is disabled
find_modem
check 'and not the one before' test "$modem" != "$first"
check 'by its node' is modem.generic.primary-port qrtr1
check 'mmcli enables it' mmcli -m "$modem" -e
kill "$sim"
check 'it leaves with its node' within 60 gone
starts 'it comes back' --qrtr --seed 2 --control "$control"
qrtr=$modem
check 'and is the same modem' within 60 same_node
kill "$sim"
check 'the kernel has no complaint' no_complaint
end
