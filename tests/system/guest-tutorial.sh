#!/bin/bash
#
# In the guest: the part for root of the tutorial in docs/virtual-modem.md, as it stands there.

. ./guest-lib.sh

tutorial() {
	awk '/^### For the kernel/ { here = 1 } here && /^```$/ { exit } here && block; here && /^```sh$/ { block = 1 }' \
		"$QMIKIT_DIR/docs/virtual-modem.md"
}

# shellcheck disable=SC2034  # end reads it
units=(ModemManager)
systemctl start ModemManager
tutorial >"$folder/tutorial"
check 'there are commands' grep -q mmcli "$folder/tutorial"
check 'the tutorial runs as it stands' timeout 180 bash -emx "$folder/tutorial"
check 'nothing is left of it' within 20 unplugged
end
