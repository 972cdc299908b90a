#!/bin/bash
#
# In the guest: all tests that need a stock kernel and systemd, in one boot. Each part is a script of its
# own, guest-PART.sh, which `./dev vm` runs alone as well.

parts=(qmicli qrtr tutorial manager recorder network modemmanager bearer mmcli trouble proxy inside speed links qmi-network broker)
[ "${QMIKIT_ALL-}" != 1 ] || parts+=(names slots discovery fcc compare compare-card compare-network compare-services connection bus mux facts idle fleet contest usb-faults crowd guide packages)

# What a part waited for that did not end.
what_stands() {
	ps --ppid 2 -p 2 --deselect -o pid,ppid,stat,wchan:24,etimes,args
	ss -tunpe
	echo w >/proc/sysrq-trigger
	dmesg | tail -n 40
}

for part in "${parts[@]}"; do
	timeout -k 5 1200 "./guest-$part.sh"
	status=$?
	[ "$status" != 124 ] || what_stands | sed 's/^/# /'
	[ "$status" -le 1 ] || echo "not ok 0 - it ended with status $status"
done | awk -v parts="${parts[*]}" '
	/^1\.\./ { next }
	/^(not )?ok [0-9]+ - / { sub(/ok [0-9]+/, "ok " ++tests); failed += /^not/ }
	{ print; fflush() }
	END { print "1.." tests; exit failed > 0 }'
