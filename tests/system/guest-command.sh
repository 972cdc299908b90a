#!/bin/bash
#
# In the guest: Debian's mmcli sends AT commands by Debian's daemon and by ours, each with --debug, to the same virtual
# modem: what it prints, how it ends, the error's name and how long that takes are the same.

# The functions are called by `check`.
# shellcheck disable=SC2317

. ./guest-lib.sh

# What is sent: a name, the seconds that mmcli waits, the command.
commands=$(
	cat <<'END'
identity 10 ATI
nothing-but-AT 10 AT
AT-is-added 10 +CSQ
two-in-a-line 10 AT+CPIN?;+CFUN?
three-in-a-line 10 AT+CSQ;+CREG?;+CEREG?
registration 10 AT+CREG?
lists 10 AT+CGDCONT?
long 10 AT+CLAC
ranges 10 AT+CGDCONT=?
set 10 AT+CREG=0
own-number 10 AT+CNUM
operator 10 AT+COPS?
vendor 10 AT+QCFG="usbnet"
lower-case 10 at+csq
unknown 10 AT+NOSUCH
no-AT 10 NOSUCH
bad-argument 10 AT+CFUN=99
cme 10 AT+CLCK="SC",1,"9999"
cms 10 AT+CMGR=200
no-message 10 AT+CMGD=200
phone-book 10 AT+CPBR=500
second-fails 10 AT+CSQ;+NOSUCH
second-runs 10 AT+CPIN?
quoted 10 AT+CSCS="GSM"
END
)

# send NAME SECONDS COMMAND: what became of it, on standard output.
send() {
	local began=$EPOCHREALTIME status
	mmcli -m any --timeout="$2" --command="$3" >"$folder/out" 2>"$folder/complaint"
	status=$?
	cat "$folder/out"
	echo "exit: $status"
	sed -n 's/.*GDBus\.Error:org\.freedesktop\.\(ModemManager1\.Error\.[A-Za-z.]*\).*/error: \1/p' "$folder/complaint"
	[ "$status" = 0 ] || awk "BEGIN { printf \"seconds: %d\n\", $EPOCHREALTIME - $began + 0.5 }"
}

send_all() {
	local name seconds command
	while read -r name seconds command; do
		send "$name" "$seconds" "$command" >"$side/$name"
	done <<<"$commands"
}

# A modem that rings all the while.
send_amid_news() {
	local i
	ctl call +4915550101 || return
	for i in {1..20}; do
		send "ringing" 10 AT+CSQ
		send "ringing" 10 AT+CPIN?
	done >"$side/amid-news"
	ctl call-remote hang-up
	[ "$(sort -u "$side/amid-news" | wc -l)" = 3 ]
}

# Several at one time: each has its own answer.
send_at_once() {
	local i senders=()
	for i in {1..8}; do
		mmcli -m any --timeout=20 --command=AT+CSQ >"$folder/once-$i" 2>&1 &
		senders+=($!)
		mmcli -m any --timeout=20 --command=AT+CPIN? >"$folder/more-$i" 2>&1 &
		senders+=($!)
	done
	wait "${senders[@]}"
	cat "$folder"/once-* "$folder"/more-* | sort | uniq -c >"$side/at-once"
}

# A port that does not answer, and one that answers again.
send_to_the_silent() {
	ctl fault at-silent || return
	send silent 3 ATI >"$side/silent"
	ctl fault-disarm || return
	within 20 mmcli -m any --timeout=5 --command=AT+CPIN?
	send answers-again 10 AT+CPIN? >"$side/answers-again"
}

becomes() { within 60 modem_is "$1"; }

enabled() { mmcli -m "$modem" -e && becomes registered; }

# with_debug PROGRAM: in the service's drop-in.
with_debug() {
	mkdir -p /run/systemd/system/ModemManager.service.d
	printf '[Service]\nExecStart=\nExecStart=%s --debug\n' "$1" >/run/systemd/system/ModemManager.service.d/debug.conf
	systemctl daemon-reload && systemctl restart ModemManager
}

# try SIDE WHOSE
try() {
	side=$folder/$1
	mkdir "$side"
	starts "$2: a modem is plugged in" --usb --warm --time-scale 0.1 --no-rhythm --control "$control"
	or_end "$2: it is disabled" becomes disabled
	or_end "$2: it is registered" enabled
	# whichever looks at its AT ports has done so
	within 30 mmcli -m any --timeout=10 --command=AT >/dev/null
	check "$2: commands are sent" send_all
	check "$2: commands are sent while it rings" send_amid_news
	check "$2: several are sent at one time" send_at_once
	check "$2: a silent port ends" send_to_the_silent
	kill "$sim"
	wait "$sim"
}

ends_the_same() {
	diff -u "$folder/theirs/$1" "$folder/ours/$1"
}

back() {
	rm -rf /run/systemd/system/ModemManager.service.d
	remove_daemon
	systemctl daemon-reload
}

units=(ModemManager)
modprobe -a vhci_hcd qmi_wwan option
trap back EXIT
or_end 'our daemon runs' our_daemon
or_end 'with --debug' with_debug "$(command -v ModemManager)"
try ours ours
check 'the modem has gone' within 20 unplugged
back
or_end 'Debian'\''s daemon runs with --debug' with_debug /usr/sbin/ModemManager
try theirs 'Debian'\''s'
for name in "$folder"/theirs/*; do
	check "${name##*/} ends the same" ends_the_same "${name##*/}"
done
end
