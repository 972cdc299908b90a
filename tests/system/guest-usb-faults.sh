#!/bin/bash
#
# In the guest: what goes wrong on the bus while our ModemManager reads, enables and connects a modem: a cable that is
# pulled, resets, stalls, transfers that break off, another USB mode. After each the daemon is the same, has the modem
# under its index, and nothing is left: neither files, objects nor client ids of the modem.

# The functions are called by `check`.
# shellcheck disable=SC2317

. ./guest-lib.sh

pid_now() { systemctl show -P MainPID ModemManager; }
files() { find "/proc/$pid/fd" -mindepth 1 | wc -l; }
objects() { busctl tree --list org.freedesktop.ModemManager1 | grep -c /; }
ids() { ctl clients | grep -o '"id"' | wc -l; }

same_daemon() { [ "$(pid_now)" = "$pid" ]; }
gone() { mmcli -L | grep -q 'No modems'; }
one_modem() { [ "$(mmcli -L | grep -c /Modem/)" = 1 ] && find_modem && [ "$modem" = "$first" ]; }
at_rest() { one_modem && value modem.generic.state | grep -xE 'disabled|registered|connected'; }

# The modem as it is when it is disabled and has no bearer.
calm_down() {
	local bearer
	ctl fault-disarm >/dev/null
	ctl plug >/dev/null 2>&1 # where it was pulled last
	within 120 at_rest || return
	mmcli -m "$modem" --simple-disconnect
	mmcli -m "$modem" -d && within 30 modem_is disabled || return
	for bearer in $(mmcli -K -m "$modem" | sed -n 's/^modem.generic.bearers.value.*: //p'); do
		mmcli -m "$modem" --delete-bearer="$bearer" || return
	done
}

# Not more than there were: some come and go by themselves.
nothing_left() {
	local now
	now="$(files) files, $(objects) objects, $(ids) ids"
	echo "$now, before: $files files, $objects objects, $ids ids"
	same_daemon && [ "$(files)" -le "$files" ] && [ "$(objects)" -le "$objects" ] && [ "$(ids)" -le "$ids" ]
}

# --- What is done

begin_read() { ctl unplug && within 30 gone && ctl plug; }
begin_enable() { mmcli -m "$modem" -e; }
begin_connect() { mmcli -m "$modem" --simple-connect=apn=internet; }

# --- What goes wrong meanwhile

pulled() { sleep 0.4 && ctl unplug && sleep 0.2 && ctl plug; }
pulled_twice() { pulled && pulled; }
reset() { sleep 0.4 && ctl reset; }
crash() { ctl fault crash=1000@400; }
stalls() { ctl fault stall-answer:4; }
breaks() { ctl fault break-transfer=1000:nas:1; }
hangs() { ctl fault hang-command:dms:1; }
forgets() { ctl fault suspend:2; }
another_mode() {
	sleep 0.4 && ctl usb-network ecm && ctl reset && within 60 gone && sleep 1 && ctl usb-network qmi && ctl reset
}

# try PROCEDURE FAULT: neither has to work; what follows has.
try() {
	local doing
	"begin_$1" >"$folder/begun" 2>&1 &
	doing=$!
	"$2" >"$folder/wrong" 2>&1
	wait "$doing"
	check "$1/$2: it is there, under its index, and can be disabled" calm_down
	check "$1/$2: nothing is left" within 60 nothing_left
}

units=(ModemManager)
modprobe -a vhci_hcd qmi_wwan option
trap remove_daemon EXIT
or_end 'our daemon runs as the service' our_daemon
starts 'qmi-sim plugs a modem in' --usb --warm --time-scale 0.1 --control "$control"
or_end 'it is disabled' within 90 modem_is disabled
find_modem
first=$modem
# Once around, so that what lasts is there.
or_end 'it is enabled' mmcli -m "$modem" -e
or_end 'it is registered' within 60 modem_is registered
or_end 'and disabled again' calm_down
pid=$(pid_now)
files=$(files) objects=$(objects) ids=$(ids)
for fault in pulled pulled_twice reset crash stalls breaks hangs forgets another_mode; do
	for procedure in read enable connect; do
		[ "$procedure" != connect ] || { mmcli -m "$modem" -e && within 60 modem_is registered; } >/dev/null 2>&1
		try "$procedure" "$fault"
	done
done
kill "$sim"
check 'it leaves with its device' within 60 gone
check 'the daemon is the one it was' same_daemon
end
