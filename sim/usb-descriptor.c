/*
 * USB descriptors (see usb-descriptor.h).
 */
#include "usb-descriptor.h"

#include <errno.h>
#include <string.h>

/* Descriptor types. */
#define DEVICE 1
#define CONFIGURATION 2
#define STRING 3
#define INTERFACE 4
#define ENDPOINT 5
#define QUALIFIER 6
#define OTHER_SPEED 7
#define ASSOCIATION 11
#define CS_ENDPOINT 0x25

/* At full speed: the size of bulk packets, and how often, in ms, an interrupt endpoint is asked. */
#define FULL_SPEED_BULK 64u
#define FULL_SPEED_INTERVAL 32u
#define TYPE_MASK 3u
#define INTERRUPT 3u
#define BULK 2u

static void write_head(struct qk_writer *w, uint8_t size, uint8_t type)
{
	qk_write_uint(w, size, 1, false);
	qk_write_uint(w, type, 1, false);
}

static void write_class(struct qk_writer *w, uint8_t code, uint8_t subclass, uint8_t protocol)
{
	qk_write_uint(w, code, 1, false);
	qk_write_uint(w, subclass, 1, false);
	qk_write_uint(w, protocol, 1, false);
}

static void write_device(const struct qk_usb_model *model, struct qk_writer *w)
{
	write_head(w, 18, DEVICE);
	qk_write_uint(w, model->usb, 2, false);
	write_class(w, model->class_code, model->subclass, model->protocol);
	qk_write_uint(w, model->max_packet0, 1, false);
	qk_write_uint(w, model->vendor, 2, false);
	qk_write_uint(w, model->product, 2, false);
	qk_write_uint(w, model->release, 2, false);
	qk_write_uint(w, 1, 1, false); /* manufacturer */
	qk_write_uint(w, 2, 1, false); /* product */
	qk_write_uint(w, 0, 1, false); /* no serial number */
	qk_write_uint(w, 1, 1, false); /* configurations */
}

static void write_qualifier(const struct qk_usb_model *model, struct qk_writer *w)
{
	write_head(w, 10, QUALIFIER);
	qk_write_uint(w, model->usb, 2, false);
	write_class(w, model->class_code, model->subclass, model->protocol);
	qk_write_uint(w, model->max_packet0, 1, false);
	qk_write_uint(w, 1, 1, false); /* configurations */
	qk_write_uint(w, 0, 1, false);
}

static void write_endpoint(const struct qk_usb_endpoint *endpoint, bool full_speed,
			   struct qk_writer *w)
{
	uint8_t type = endpoint->attributes & TYPE_MASK;
	uint16_t size = endpoint->max_packet;
	uint8_t interval = endpoint->interval;

	if (full_speed && type == BULK)
		size = FULL_SPEED_BULK;
	if (full_speed && type == INTERRUPT)
		interval = FULL_SPEED_INTERVAL;
	write_head(w, endpoint->audio ? 9 : 7, ENDPOINT);
	qk_write_uint(w, endpoint->address, 1, false);
	qk_write_uint(w, endpoint->attributes, 1, false);
	qk_write_uint(w, size, 2, false);
	qk_write_uint(w, interval, 1, false);
	if (!endpoint->audio)
		return;
	qk_write_uint(w, 0, 2, false); /* no refresh, no synchronisation endpoint */
	write_head(w, 7, CS_ENDPOINT);
	qk_write_uint(w, 1, 1, false); /* general, nothing to control, no lock delay */
	qk_write_uint(w, 0, 4, false);
}

static void write_alternate(const struct qk_usb_alternate *alternate, uint8_t number,
			    uint8_t setting, bool full_speed, struct qk_writer *w)
{
	write_head(w, 9, INTERFACE);
	qk_write_uint(w, number, 1, false);
	qk_write_uint(w, setting, 1, false);
	qk_write_uint(w, alternate->endpoint_count, 1, false);
	write_class(w, alternate->class_code, alternate->subclass, alternate->protocol);
	qk_write_uint(w, 0, 1, false); /* no string */
	qk_write_bytes(w, alternate->functional, alternate->functional_size);
	for (size_t i = 0; i < alternate->endpoint_count; i++)
		write_endpoint(&alternate->endpoints[i], full_speed, w);
}

static void write_interface(const struct qk_usb_interface *interface, uint8_t number,
			    bool full_speed, struct qk_writer *w)
{
	if (interface->association_count) {
		write_head(w, 8, ASSOCIATION);
		qk_write_uint(w, number, 1, false);
		qk_write_uint(w, interface->association_count, 1, false);
		write_class(w, interface->association_class, interface->association_subclass,
			    interface->association_protocol);
		qk_write_uint(w, 0, 1, false); /* no string */
	}
	for (uint8_t i = 0; i < interface->alternate_count; i++)
		write_alternate(&interface->alternates[i], number, i, full_speed, w);
}

static void write_configuration(const struct qk_usb_model *model, bool full_speed,
				struct qk_writer *w)
{
	write_head(w, 9, full_speed ? OTHER_SPEED : CONFIGURATION);
	qk_write_uint(w, 0, 2, false); /* the length of all, set below */
	qk_write_uint(w, model->interface_count, 1, false);
	qk_write_uint(w, 1, 1, false); /* its value */
	qk_write_uint(w, 0, 1, false); /* no string */
	qk_write_uint(w, model->attributes, 1, false);
	qk_write_uint(w, model->max_power, 1, false);
	for (uint8_t i = 0; i < model->interface_count; i++)
		write_interface(&model->interfaces[i], i, full_speed, w);
	size_t size = qk_writer_used(w);
	w->start[2] = (uint8_t)size;
	w->start[3] = (uint8_t)(size >> 8);
}

static bool write_string(const struct qk_usb_model *model, uint8_t number, uint16_t language,
			 struct qk_writer *w)
{
	if (number == 0) {
		write_head(w, 4, STRING);
		qk_write_uint(w, model->language, 2, false);
		return true;
	}
	if (number > model->string_count || language != model->language)
		return false;
	const char *text = model->strings[number - 1];
	write_head(w, (uint8_t)(2 + 2 * strlen(text)), STRING);
	for (; *text; text++)
		qk_write_uint(w, (uint8_t)*text, 2, false);
	return true;
}

int qk_usb_describe(const struct qk_usb_model *model, uint16_t value, uint16_t index,
		    uint8_t ret[QK_USB_DESCRIPTOR_MAX])
{
	struct qk_writer w = qk_writer(ret, QK_USB_DESCRIPTOR_MAX);
	uint8_t type = (uint8_t)(value >> 8), number = (uint8_t)value;

	if (type == STRING) {
		if (!write_string(model, number, index, &w))
			return -EPIPE;
	} else if (number != 0) {
		return -EPIPE;
	} else if (type == DEVICE) {
		write_device(model, &w);
	} else if (type == QUALIFIER) {
		write_qualifier(model, &w);
	} else if (type == CONFIGURATION || type == OTHER_SPEED) {
		write_configuration(model, type == OTHER_SPEED, &w);
	} else {
		return -EPIPE;
	}
	return w.error ? -EPIPE : (int)qk_writer_used(&w);
}
