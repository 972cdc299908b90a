#!/bin/bash
#
# In the guest: all tests that need a stock kernel and systemd, in one boot. Each part is a script of its
# own, guest-PART.sh, which `./dev vm` runs alone as well.

parts=(qmicli qrtr tutorial manager recorder network modemmanager mmcli trouble proxy inside speed qmi-network broker)
[ "${QMIKIT_ALL-}" != 1 ] || parts+=(links bus mux facts idle fleet)

for part in "${parts[@]}"; do
	"./guest-$part.sh"
	status=$?
	[ "$status" -le 1 ] || echo "not ok 0 - it ended with status $status"
done | awk -v parts="${parts[*]}" '
	/^1\.\./ { next }
	/^(not )?ok [0-9]+ - / { sub(/ok [0-9]+/, "ok " ++tests); failed += /^not/ }
	{ print; fflush() }
	END { print "1.." tests; exit failed > 0 }'
