/*
 * USB, building: interfaces, endpoints and class-specific descriptors (see usb-build.h).
 *
 * How sure it is: serial, DIAG and rmnet S; ADB S (interface, order of its endpoints); audio S as to
 * interfaces and endpoints, C as to what its class-specific descriptors say; ECM, MBIM and RNDIS U:
 * what no listing shows is as the gadget functions of Linux have it.
 * Sources: `lsusb -v` of an EC25-E in the osmocom wiki; f_serial.c and f_rmnet.c of the EG25's published
 * kernel; USB CDC 1.2 with ECM 1.2 and MBIM 1.0; USB Audio 1.0.
 */
#include "usb-build.h"

#include <string.h>

#define BULK 2u
#define INTERRUPT 3u
#define ISOCHRONOUS_ASYNC 5u
#define BULK_SIZE 512u
/* 2^(9-1) microframes are 32 ms. */
#define INTERVAL 9u
#define CS_INTERFACE 0x24u
#define AUDIO_RATE 8000u
#define AUDIO_PACKET 16u /* a millisecond of 16 bit at 8 kHz */

struct qk_usb_builder qk_usb_builder(struct qk_usb_model *model)
{
	return (struct qk_usb_builder){ .model = model, .next_in = 1, .next_out = 1 };
}

static struct qk_usb_interface *add_interface(struct qk_usb_builder *builder, enum qk_usb_role role)
{
	struct qk_usb_interface *interface =
		&builder->model->interfaces[builder->model->interface_count++];

	*interface = (struct qk_usb_interface){ .role = role };
	return interface;
}

static struct qk_usb_alternate *add_alternate(struct qk_usb_interface *interface,
					      struct qk_usb_class class)
{
	struct qk_usb_alternate *alternate = &interface->alternates[interface->alternate_count++];

	*alternate = (struct qk_usb_alternate){ .class_code = class.code,
						.subclass = class.subclass,
						.protocol = class.protocol };
	return alternate;
}

static void add_endpoint(struct qk_usb_alternate *alternate, uint8_t address, uint8_t attributes,
			 uint16_t max_packet)
{
	alternate->endpoints[alternate->endpoint_count++] = (struct qk_usb_endpoint){
		.address = address,
		.attributes = attributes,
		.max_packet = max_packet,
		.interval = attributes == INTERRUPT ? INTERVAL : 0,
	};
}

static uint8_t take_in(struct qk_usb_builder *builder)
{
	return (uint8_t)(0x80 | builder->next_in++);
}

static void describe(struct qk_usb_alternate *alternate, const uint8_t *bytes, uint8_t size)
{
	memcpy(alternate->functional + alternate->functional_size, bytes, size);
	alternate->functional_size = (uint8_t)(alternate->functional_size + size);
}

#define DESCRIBE(alternate, ...) \
	describe((alternate), (const uint8_t[]){ __VA_ARGS__ }, \
		 (uint8_t)sizeof((const uint8_t[]){ __VA_ARGS__ }))

void qk_usb_add_bulk_pair(struct qk_usb_builder *builder, enum qk_usb_role role,
			  struct qk_usb_class class)
{
	struct qk_usb_alternate *alternate = add_alternate(add_interface(builder, role), class);

	add_endpoint(alternate, take_in(builder), BULK, BULK_SIZE);
	add_endpoint(alternate, builder->next_out++, BULK, BULK_SIZE);
}

/* The bulk IN endpoint has the lower number, the interrupt endpoint comes first. */
static void add_three(struct qk_usb_builder *builder, struct qk_usb_alternate *alternate,
		      uint16_t notification)
{
	uint8_t bulk = take_in(builder);

	add_endpoint(alternate, take_in(builder), INTERRUPT, notification);
	add_endpoint(alternate, bulk, BULK, BULK_SIZE);
	add_endpoint(alternate, builder->next_out++, BULK, BULK_SIZE);
}

void qk_usb_add_serial(struct qk_usb_builder *builder, enum qk_usb_role role,
		       struct qk_usb_class class)
{
	struct qk_usb_alternate *alternate = add_alternate(add_interface(builder, role), class);

	/* header 1.10, call management, ACM, union; that the second and the last name interface 0,
	 * which they do not belong to, is how the device is */
	DESCRIBE(alternate, 5, CS_INTERFACE, 0x00, 0x10, 0x01);
	DESCRIBE(alternate, 5, CS_INTERFACE, 0x01, 0, 0);
	DESCRIBE(alternate, 4, CS_INTERFACE, 0x02, 2);
	DESCRIBE(alternate, 5, CS_INTERFACE, 0x06, 0, 0);
	add_three(builder, alternate, 10);
}

void qk_usb_add_rmnet(struct qk_usb_builder *builder, struct qk_usb_class class)
{
	add_three(builder, add_alternate(add_interface(builder, QK_USB_QMI), class), 8);
}

/* A control interface with its notifications, and a data interface whose endpoints are in alternate
 * setting 1, as CDC wants it of networks. Returns the control interface. */
static struct qk_usb_alternate *add_network(struct qk_usb_builder *builder, enum qk_usb_role role,
					    struct qk_usb_class class, struct qk_usb_class data)
{
	struct qk_usb_interface *control = add_interface(builder, role);
	struct qk_usb_interface *pipes = add_interface(builder, QK_USB_DATA);
	struct qk_usb_alternate *alternate = add_alternate(control, class);
	uint8_t bulk = take_in(builder);

	control->association_count = 2;
	control->association_class = class.code;
	control->association_subclass = class.subclass;
	control->association_protocol = class.protocol;
	add_endpoint(alternate, take_in(builder), INTERRUPT, role == QK_USB_MBIM ? 64 : 16);
	if (role != QK_USB_RNDIS)
		add_alternate(pipes, data);
	struct qk_usb_alternate *open = add_alternate(pipes, data);
	add_endpoint(open, bulk, BULK, BULK_SIZE);
	add_endpoint(open, builder->next_out++, BULK, BULK_SIZE);
	return alternate;
}

static uint8_t control_number(const struct qk_usb_builder *builder)
{
	return (uint8_t)(builder->model->interface_count - 2);
}

void qk_usb_add_ecm(struct qk_usb_builder *builder, const uint8_t address[6])
{
	static const char digits[] = "0123456789ABCDEF";
	struct qk_usb_model *model = builder->model;
	struct qk_usb_alternate *control =
		add_network(builder, QK_USB_ECM, (struct qk_usb_class){ 0x02, 0x06, 0 },
			    (struct qk_usb_class){ 0x0a, 0, 0 });
	uint8_t number = control_number(builder);
	char *text = model->strings[model->string_count++];

	for (size_t i = 0; i < 6; i++) {
		text[2 * i] = digits[address[i] >> 4];
		text[2 * i + 1] = digits[address[i] & 0xf];
	}
	text[12] = 0;
	DESCRIBE(control, 5, CS_INTERFACE, 0x00, 0x10, 0x01);
	DESCRIBE(control, 5, CS_INTERFACE, 0x06, number, (uint8_t)(number + 1));
	/* Ethernet: which string is the address, no statistics, frames of 1514 bytes, no filters */
	DESCRIBE(control, 13, CS_INTERFACE, 0x0f, model->string_count, 0, 0, 0, 0, 0xea, 0x05, 0, 0,
		 0);
}

void qk_usb_add_mbim(struct qk_usb_builder *builder)
{
	struct qk_usb_alternate *control =
		add_network(builder, QK_USB_MBIM, (struct qk_usb_class){ 0x02, 0x0e, 0 },
			    (struct qk_usb_class){ 0x0a, 0, 2 });
	uint8_t number = control_number(builder);

	DESCRIBE(control, 5, CS_INTERFACE, 0x00, 0x10, 0x01);
	DESCRIBE(control, 5, CS_INTERFACE, 0x06, number, (uint8_t)(number + 1));
	/* MBIM 1.0: messages of 4096 bytes, 16 filters of 128 bytes, segments of 2048; the
	 * capabilities are those of the NCM requests */
	DESCRIBE(control, 12, CS_INTERFACE, 0x1b, 0x00, 0x01, 0x00, 0x10, 16, 128, 0x00, 0x08,
		 0x20);
}

/* RNDIS has its own messages in encapsulated commands; its data interface is always open. */
void qk_usb_add_rndis(struct qk_usb_builder *builder)
{
	struct qk_usb_alternate *control =
		add_network(builder, QK_USB_RNDIS, (struct qk_usb_class){ 0xe0, 0x01, 0x03 },
			    (struct qk_usb_class){ 0x0a, 0, 0 });
	uint8_t number = control_number(builder);

	DESCRIBE(control, 5, CS_INTERFACE, 0x00, 0x10, 0x01);
	DESCRIBE(control, 5, CS_INTERFACE, 0x01, 0, (uint8_t)(number + 1));
	DESCRIBE(control, 4, CS_INTERFACE, 0x02, 0);
	DESCRIBE(control, 5, CS_INTERFACE, 0x06, number, (uint8_t)(number + 1));
}

void qk_usb_add_adb(struct qk_usb_builder *builder)
{
	struct qk_usb_alternate *alternate = add_alternate(
		add_interface(builder, QK_USB_NOTHING), (struct qk_usb_class){ 0xff, 0x42, 0x01 });

	add_endpoint(alternate, builder->next_out++, BULK, BULK_SIZE);
	add_endpoint(alternate, take_in(builder), BULK, BULK_SIZE);
}

/* A stream of 8 kHz, 16 bit, mono between terminal `terminal` and the host. */
static void add_stream(struct qk_usb_builder *builder, uint8_t terminal, uint8_t address)
{
	struct qk_usb_interface *interface = add_interface(builder, QK_USB_AUDIO);
	const struct qk_usb_class class = { 0x01, 0x02, 0 };

	add_alternate(interface, class); /* no bandwidth */
	struct qk_usb_alternate *open = add_alternate(interface, class);
	DESCRIBE(open, 7, CS_INTERFACE, 0x01, terminal, 1, 0x01, 0x00);
	DESCRIBE(open, 11, CS_INTERFACE, 0x02, 0x01, 1, 2, 16, 1, AUDIO_RATE & 0xff,
		 AUDIO_RATE >> 8, 0);
	add_endpoint(open, address, ISOCHRONOUS_ASYNC, AUDIO_PACKET);
	open->endpoints[0].interval = 4; /* 2^(4-1) microframes: 1 ms */
	open->endpoints[0].audio = true;
}

void qk_usb_add_audio(struct qk_usb_builder *builder)
{
	struct qk_usb_interface *interface = add_interface(builder, QK_USB_NOTHING);
	struct qk_usb_alternate *control =
		add_alternate(interface, (struct qk_usb_class){ 0x01, 0x01, 0 });
	uint8_t first = (uint8_t)(builder->model->interface_count);

	interface->association_count = 3;
	interface->association_class = 0x01;
	/* header 1.00 with all that follows in its length (52) and both streams; microphone 1 to the
	 * USB stream 2, USB stream 3 to speaker 4 */
	DESCRIBE(control, 10, CS_INTERFACE, 0x01, 0x00, 0x01, 52, 0, 2, first,
		 (uint8_t)(first + 1));
	DESCRIBE(control, 12, CS_INTERFACE, 0x02, 1, 0x01, 0x02, 0, 1, 0, 0, 0, 0);
	DESCRIBE(control, 9, CS_INTERFACE, 0x03, 2, 0x01, 0x01, 0, 1, 0);
	DESCRIBE(control, 12, CS_INTERFACE, 0x02, 3, 0x01, 0x01, 0, 1, 0, 0, 0, 0);
	DESCRIBE(control, 9, CS_INTERFACE, 0x03, 4, 0x01, 0x03, 0, 3, 0);
	add_stream(builder, 2, take_in(builder));
	add_stream(builder, 3, builder->next_out++);
}
