/*
 * USB device, standard requests: 0 and perhaps an answer, or -EPIPE, which is a stall.
 */
#include <errno.h>
#include <string.h>

#include "usb-inside.h"

#define FEATURE_HALT 0
#define FEATURE_REMOTE_WAKEUP 1

static int get_descriptor(struct qk_usb_device *device, const struct qk_usb_setup *setup,
			  struct qk_span *ret)
{
	int size = qk_usb_describe(&device->model, setup->value, setup->index, device->scratch);

	if (size < 0)
		return size;
	*ret = (struct qk_span){ device->scratch, (size_t)size };
	return 0;
}

/* A small number as the answer, little endian. */
static int give_number(struct qk_usb_device *device, uint16_t value, size_t size,
		       struct qk_span *ret)
{
	device->scratch[0] = (uint8_t)value;
	device->scratch[1] = (uint8_t)(value >> 8);
	*ret = (struct qk_span){ device->scratch, size };
	return 0;
}

/* All transfers but those to endpoint 0 end when the host sets the device up: the kernel has taken them
 * back before, so none waits then. */
static void configure(struct qk_usb_device *device, bool on)
{
	device->configured = on;
	memset(device->settings, 0, sizeof(device->settings));
	for (size_t i = 0; i < device->model.interface_count; i++) {
		struct qk_usb_function *function = device->functions[i];
		if (function && function->type->configure)
			function->type->configure(function, on);
	}
}

static int set_configuration(struct qk_usb_device *device, const struct qk_usb_setup *setup,
			     struct qk_span *ret)
{
	(void)ret;
	if (setup->value > 1)
		return -EPIPE;
	configure(device, setup->value == 1);
	return 0;
}

static int get_configuration(struct qk_usb_device *device, const struct qk_usb_setup *setup,
			     struct qk_span *ret)
{
	(void)setup;
	return give_number(device, device->configured, 1, ret);
}

static int get_device_status(struct qk_usb_device *device, const struct qk_usb_setup *setup,
			     struct qk_span *ret)
{
	(void)setup;
	return give_number(device, device->remote_wakeup ? 2 : 0, 2, ret);
}

static int get_interface_status(struct qk_usb_device *device, const struct qk_usb_setup *setup,
				struct qk_span *ret)
{
	return qk_usb_has_interface(device, setup->index) ? give_number(device, 0, 2, ret) : -EPIPE;
}

static bool has_endpoint(const struct qk_usb_device *device, uint16_t index)
{
	/* endpoint 0 is always there, in either direction */
	return (index & 0xff7f) == 0 ||
	       (index <= 0xff && qk_usb_find_endpoint(device, (uint8_t)index) >= 0);
}

static int get_endpoint_status(struct qk_usb_device *device, const struct qk_usb_setup *setup,
			       struct qk_span *ret)
{
	return has_endpoint(device, setup->index) ? give_number(device, 0, 2, ret) : -EPIPE;
}

static int change_device_feature(struct qk_usb_device *device, const struct qk_usb_setup *setup,
				 struct qk_span *ret)
{
	(void)ret;
	if (setup->value != FEATURE_REMOTE_WAKEUP)
		return -EPIPE;
	device->remote_wakeup = setup->request == 3; /* SET_FEATURE; 1 is CLEAR_FEATURE */
	return 0;
}

/* No endpoint ever halts by itself; clearing that is what drivers do to begin anew. */
static int clear_endpoint_feature(struct qk_usb_device *device, const struct qk_usb_setup *setup,
				  struct qk_span *ret)
{
	(void)ret;
	return setup->value == FEATURE_HALT && has_endpoint(device, setup->index) ? 0 : -EPIPE;
}

static int set_interface(struct qk_usb_device *device, const struct qk_usb_setup *setup,
			 struct qk_span *ret)
{
	(void)ret;
	if (!qk_usb_has_interface(device, setup->index) ||
	    setup->value >= device->model.interfaces[setup->index].alternate_count)
		return -EPIPE;
	device->settings[setup->index] = (uint8_t)setup->value;
	return 0;
}

static int get_interface(struct qk_usb_device *device, const struct qk_usb_setup *setup,
			 struct qk_span *ret)
{
	return qk_usb_has_interface(device, setup->index)
		       ? give_number(device, device->settings[setup->index], 1, ret)
		       : -EPIPE;
}

/* A row: bmRequestType, bRequest and what it does. */
static const struct {
	uint8_t type, request;
	int (*run)(struct qk_usb_device *device, const struct qk_usb_setup *setup,
		   struct qk_span *ret);
} requests[] = {
	{ 0x80, 0x00, get_device_status },     { 0x81, 0x00, get_interface_status },
	{ 0x82, 0x00, get_endpoint_status },   { 0x00, 0x01, change_device_feature },
	{ 0x00, 0x03, change_device_feature }, { 0x02, 0x01, clear_endpoint_feature },
	{ 0x80, 0x06, get_descriptor },        { 0x80, 0x08, get_configuration },
	{ 0x00, 0x09, set_configuration },     { 0x81, 0x0a, get_interface },
	{ 0x01, 0x0b, set_interface },
};

int qk_usb_request(struct qk_usb_device *device, const struct qk_usb_setup *setup,
		   struct qk_span *ret)
{
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		if (requests[i].type == setup->type && requests[i].request == setup->request)
			return requests[i].run(device, setup, ret);
	return -EPIPE;
}
