/*
 * Fuzz target: what a USB/IP client says before it gets a device. A request that is read is no longer
 * than what came, and its bus id ends.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/usbip-op.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct qk_usbip_request request;
	int r = qk_usbip_read_request((struct qk_span){ data, size }, &request);

	if (r > 0 && ((size_t)r > size || (size_t)r > QK_USBIP_REQUEST_MAX))
		abort();
	if (r > 0 && request.op == QK_USBIP_IMPORT &&
	    !memchr(request.busid, 0, sizeof(request.busid)))
		abort();
	if (r == 0 && size >= QK_USBIP_REQUEST_MAX)
		abort();
	return 0;
}
