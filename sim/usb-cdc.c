/*
 * USB function, ECM, MBIM and RNDIS: what the network's interface is in the other modes of
 * AT+QCFG="usbnet". Drivers bind to it and its requests are acknowledged; MBIM answers its opening and
 * closing. No packet passes in these modes.
 *
 * Marked [U] as a whole: no listing of an EC25 in these modes is public. Sources: USB CDC ECM 1.2,
 * NCM 1.0, MBIM 1.0; Linux drivers/net/usb/cdc_ether.c, cdc_mbim.c.
 */
#include <errno.h>
#include <string.h>

#include "usb-function.h"

#define SEND_ENCAPSULATED_COMMAND 0x00
#define GET_ENCAPSULATED_RESPONSE 0x01
#define SET_ETHERNET_FILTER 0x43
#define GET_NTB_PARAMETERS 0x80
#define GET_NTB_FORMAT 0x83
#define SET_NTB_FORMAT 0x84
#define GET_NTB_INPUT_SIZE 0x85
#define SET_NTB_INPUT_SIZE 0x86
#define GET_MAX_DATAGRAM 0x87
#define SET_MAX_DATAGRAM 0x88
#define GET_CRC_MODE 0x89
#define SET_CRC_MODE 0x8a

/* The parameters of a network's blocks, as NCM describes them: 16-bit blocks alone, 16 KiB either way,
 * aligned to 4. */
static const uint8_t ntb_parameters[28] = {
	28, 0, 0x01, 0, 0x00, 0x40, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 0x00, 0x40, 0, 0, 4, 0, 0, 0, 4,
};
static const uint8_t ntb_input_size[8] = { 0x00, 0x40 };
static const uint8_t max_datagram[2] = { 0x00, 0x08 };

#define MBIM_HEADER 12u
#define MBIM_DONE 0x80000000u
#define MBIM_OPEN 1u
#define MBIM_CLOSE 2u

struct network {
	struct qk_usb_function function;
	uint8_t answer[MBIM_HEADER + 4];
	bool has_answer, owed;
};

static void notify(struct network *network)
{
	struct qk_usb_function *function = &network->function;
	/* RESPONSE_AVAILABLE from this interface */
	const uint8_t message[] = { 0xa1, 0x01, 0, 0, function->number, 0, 0, 0 };

	if (network->owed &&
	    qk_usb_device_give(function->device, qk_usb_function_interrupt(function),
			       (struct qk_span){ message, sizeof(message) }) >= 0)
		network->owed = false;
}

/* Type and length, then the transaction; the answer to OPEN and CLOSE adds a status. */
static void run_message(struct network *network, struct qk_span bytes)
{
	struct qk_cursor c = qk_cursor(bytes);
	uint32_t type = (uint32_t)qk_cursor_uint(&c, 4, false);
	uint32_t length = (uint32_t)qk_cursor_uint(&c, 4, false);
	uint32_t transaction = (uint32_t)qk_cursor_uint(&c, 4, false);
	struct qk_writer w = qk_writer(network->answer, sizeof(network->answer));

	if (c.error || length != bytes.size || (type != MBIM_OPEN && type != MBIM_CLOSE))
		return;
	qk_write_uint(&w, type | MBIM_DONE, 4, false);
	qk_write_uint(&w, sizeof(network->answer), 4, false);
	qk_write_uint(&w, transaction, 4, false);
	qk_write_uint(&w, 0, 4, false); /* success */
	network->has_answer = network->owed = true;
	notify(network);
}

static int give(const uint8_t *bytes, size_t size, struct qk_span *ret)
{
	*ret = (struct qk_span){ bytes, size };
	return 0;
}

static int mbim_request(struct network *network, const struct qk_usb_setup *setup,
			struct qk_span *ret)
{
	static const uint8_t zeros[2];

	switch (setup->request) {
	case SEND_ENCAPSULATED_COMMAND:
	case SET_NTB_INPUT_SIZE:
	case SET_NTB_FORMAT:
	case SET_MAX_DATAGRAM:
	case SET_CRC_MODE:
		return setup->type == 0x21 ? 0 : -EPIPE;
	case GET_ENCAPSULATED_RESPONSE:
		if (!network->has_answer)
			return 0;
		network->has_answer = false;
		return give(network->answer, sizeof(network->answer), ret);
	case GET_NTB_PARAMETERS:
		return give(ntb_parameters, sizeof(ntb_parameters), ret);
	case GET_NTB_INPUT_SIZE:
		return give(ntb_input_size, 4, ret);
	case GET_NTB_FORMAT:
	case GET_CRC_MODE:
		return give(zeros, sizeof(zeros), ret);
	case GET_MAX_DATAGRAM:
		return give(max_datagram, sizeof(max_datagram), ret);
	default:
		return -EPIPE;
	}
}

/* ECM lets the host choose which frames it wants to see. RNDIS takes its messages and leaves them
 * without an answer, so that its driver gives up. */
static int on_request(struct qk_usb_function *function, const struct qk_usb_setup *setup,
		      struct qk_span *ret)
{
	switch (function->interface->role) {
	case QK_USB_MBIM:
		return mbim_request((struct network *)function, setup, ret);
	case QK_USB_ECM:
		return setup->type == 0x21 && setup->request == SET_ETHERNET_FILTER ? 0 : -EPIPE;
	case QK_USB_RNDIS:
		return setup->request <= GET_ENCAPSULATED_RESPONSE ? 0 : -EPIPE;
	case QK_USB_NOTHING:
	case QK_USB_DIAG:
	case QK_USB_NMEA:
	case QK_USB_AT:
	case QK_USB_MODEM:
	case QK_USB_QMI:
	case QK_USB_AUDIO:
	case QK_USB_DATA:
		break;
	}
	return -EPIPE;
}

static void on_acknowledged(struct qk_usb_function *function, const struct qk_usb_setup *setup)
{
	if (function->interface->role == QK_USB_MBIM && setup->request == SEND_ENCAPSULATED_COMMAND)
		run_message((struct network *)function, setup->data);
}

static void on_in(struct qk_usb_function *function, uint8_t address)
{
	(void)address;
	notify((struct network *)function);
}

static void on_configure(struct qk_usb_function *function, bool on)
{
	struct network *network = (struct network *)function;

	(void)on;
	network->has_answer = network->owed = false;
}

const struct qk_usb_function_type qk_usb_network_function = {
	.size = sizeof(struct network),
	.configure = on_configure,
	.request = on_request,
	.acknowledged = on_acknowledged,
	.in = on_in,
};
