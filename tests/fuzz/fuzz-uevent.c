/* Fuzz target: what comes on the socket of the kernel's events. It is an event of a device, and is taken, or nothing. */
#include <stdlib.h>
#include <string.h>

#include "manager/early.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_complete(void *userdata, const char *usb_path, const struct early_port *ports)
{
	(void)userdata;
	if (strncmp(usb_path, "/sys/devices/", 13) != 0 ||
	    strncmp(ports->path, usb_path, strlen(usb_path)) != 0)
		abort();
}

static void on_gone(void *userdata, const char *path, uint64_t seqnum)
{
	(void)userdata, (void)seqnum;
	if (strncmp(path, "/sys/devices/", 13) != 0)
		abort();
}

/* Several, with a byte 255 between them. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct early_events events = { on_complete, on_gone };
	struct early early = { .events = &events };

	while (size > 0) {
		const uint8_t *end = memchr(data, 0xff, size);
		size_t length = end ? (size_t)(end - data) : size;
		char *copy = malloc(length + 1);
		struct uevent event;

		if (!copy)
			break;
		memcpy(copy, data, length);
		if (uevent_parse(copy, length, &event)) {
			if (strstr(event.devpath, "/../"))
				abort();
			early_take(&early, &event);
		}
		free(copy);
		data += length + (end ? 1 : 0);
		size -= length + (end ? 1 : 0);
	}
	early_close(&early);
	return 0;
}
