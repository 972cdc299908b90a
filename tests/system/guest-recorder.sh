#!/bin/bash
#
# In the guest: Debian's ModemManager under the recorder brings the virtual modem up. It speaks through
# Debian's qmi-proxy, which it starts: both are in one recording, and every message in it is known.

. ./guest-lib.sh

recording=/run/manager.pcapng
library=/opt/qmikit/bin/libqmitrace.so

# The functions below are called by `check`.
# shellcheck disable=SC2317
preloaded() {
	local pid
	pid=$(systemctl show -P MainPID ModemManager)
	grep -F "$library" "/proc/$pid/maps"
}

# shellcheck disable=SC2317
recorded_from() { qmi-trace show --json "$folder/manager.pcapng" | grep -cF "\"process\":\"$1\",\"pid\":" >/dev/null; }

# What no definition knows, and what is no frame: nothing of either. Its look for QRTR is no message.
# shellcheck disable=SC2317
all_known() {
	qmi-trace show --json "$folder/manager.pcapng" >"$folder/shown" && [ -s "$folder/shown" ] &&
		! grep -vE '"message":"[a-z]|"note":"qrtr [a-z]' "$folder/shown"
}

# Each request through the proxy has its answer.
# shellcheck disable=SC2317
requests_are_answered() {
	local requests answers
	requests=$(grep -c '"process":"ModemManager".*"type":"request"' "$folder/shown")
	answers=$(grep -c '"process":"ModemManager".*"type":"response"' "$folder/shown")
	echo "$requests requests, $answers answers"
	[ "$requests" -gt 50 ] && [ "$requests" = "$answers" ]
}

# shellcheck disable=SC2317
readable_by_root_alone() { [ "$(stat -c '%a %U' "$recording")" = '600 root' ]; }

# shellcheck disable=SC2317
records_qmicli() {
	qmi-trace record -o "$folder/qmicli.pcapng" -- /usr/bin/qmicli -d /dev/cdc-wdm0 -p --dms-get-model &&
		qmi-trace show --json "$folder/qmicli.pcapng" | grep -F '"message":"get-model"'
}

# What Debian's qmicli prints for what ModemManager has asked as well.
# shellcheck disable=SC2317
answers() {
	local what
	for what in dms-get-{manufacturer,model,revision,ids,capabilities,operating-mode} \
		nas-get-{home-network,serving-system,signal-info,system-info,system-selection-preference} \
		uim-get-card-status wds-get-profile-list=3gpp; do
		/usr/bin/qmicli "$@" "--$what" 2>/dev/null || echo "$what: exit $?"
	done | sed 's,^\[/[^]]*\],[DEVICE],'
}

# A modem that is not the one built in, so that a profile which says nothing would show.
other_modem() {
	cat >"$folder/other.json" <<-EOF
		{"base": "ec25-eux", "name": "other", "title": "Another modem",
		 "identity": {"revision": "EC25EUGAR06A03M4G", "imei": "86107502",
			"certainty": {"revision": "C", "imei": "C"}},
		 "cell": {"rssi": -61, "rsrp": -90, "band": 3, "channel": 1300,
			"certainty": {"rssi": "C", "rsrp": "C", "band": "C", "channel": "C"}}}
	EOF
}

test_manager() {
	mkdir -p /run/systemd/system/ModemManager.service.d
	printf '[Service]\nEnvironment=LD_PRELOAD=%s QMITRACE_FILE=%s\n' "$library" "$recording" \
		>/run/systemd/system/ModemManager.service.d/recorder.conf
	systemctl daemon-reload
	check 'ModemManager starts again' systemctl restart ModemManager
	or_end 'it has the recorder' preloaded
	other_modem
	starts 'qmi-sim plugs a modem in' --usb --time-scale 0.1 --control "$control" --seed 77 \
		--profile "$folder/other.json"
	or_end 'ModemManager finds the modem' within 60 find_modem
	find_modem
	or_end 'it gets as far as disabled' within 60 is modem.generic.state disabled
	check 'it is enabled' mmcli -m "$modem" -e
	or_end 'it is registered' within 60 is modem.generic.state registered
	check 'simple-connect connects' mmcli -m "$modem" --simple-connect=apn=internet --timeout=60
	check 'it disconnects' mmcli -m "$modem" --simple-disconnect
	# before somebody else asks through its proxy
	cp "$recording" "$folder/manager.pcapng"
	answers -p -d /dev/cdc-wdm0 >"$folder/original"
	sim_object=$(value modem.generic.sim)
	personal=("$(value modem.3gpp.imei)" "$(value sim.properties.imsi -i "$sim_object")"
		"$(value sim.properties.iccid -i "$sim_object")" "$(value modem.generic.own-numbers.value\[1\])")
	check "Debian's qmicli is recorded by qmi-trace record" records_qmicli
	check 'a survey asks the modem beside ModemManager' qmi-trace survey -d /dev/cdc-wdm0 -o "$folder/survey.pcapng"
	check 'and leaves it as it was' is modem.generic.state registered
}

test_recording() {
	check 'only root may read the recording' readable_by_root_alone
	check 'ModemManager is in it' recorded_from ModemManager
	check 'the proxy that it started is in it' recorded_from qmi-proxy
	check 'every message is known' all_known
	check 'each request has its answer' requests_are_answered
	echo "# $(wc -l <"$folder/shown") records, $(stat -c %s "$folder/manager.pcapng") bytes"
}

# shellcheck disable=SC2317
same_answers() {
	grep -qF 86107502 "$folder/original" || return
	answers --device-open-qmi -d "$folder/modem" >"$folder/again" &&
		diff "$folder/original" "$folder/again"
}

# What of the modem and the card mmcli has told is in a file: as text, or as a SIM's digits, two in a byte.
# shellcheck disable=SC2317
personal_in() {
	local value
	od -An -v -tx1 "$1" | tr -d ' \n' | sed 's/\(.\)\(.\)/\2\1/g' >"$folder/swapped"
	for value in "${personal[@]}"; do
		if grep -qaF "$value" "$1" "$folder/swapped"; then echo "$value"; fi
	done
}

# shellcheck disable=SC2317
nothing_personal() { ! personal_in "$1" | grep .; }

# shellcheck disable=SC2317
all_personal() { [ ${#personal[@]} = 4 ] && [ "$(personal_in "$1" | wc -l)" = 4 ]; }

# The modem of the recording as a virtual one: Debian's qmicli, which asked the first, asks it.
test_profile() {
	check 'the recording has IMEI, IMSI, ICCID and number' all_personal "$folder/manager.pcapng"
	check 'a copy to be posted is made' qmi-trace anonymise "$folder/manager.pcapng" "$folder/anonymous.pcapng"
	check 'nothing of these is in the copy' nothing_personal "$folder/anonymous.pcapng"
	check 'nor in the survey' nothing_personal "$folder/survey.pcapng"
	check 'a profile is made of the recording' qmi-trace profile "$folder/manager.pcapng" -o "$folder/made.json"
	starts 'it is a virtual modem' --pty "$folder/modem" --time-scale 0.1 --profile "$folder/made.json"
	check "it answers Debian's qmicli as the original did" same_answers
	kill "$sim"
}

units=(ModemManager)
modprobe -a vhci_hcd qmi_wwan option
test_manager
test_recording
kill "$sim"
test_profile
rm -r /run/systemd/system/ModemManager.service.d
systemctl daemon-reload
end
