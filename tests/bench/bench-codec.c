/*
 * Bench: decoding and encoding the same frames with libqmi-glib's message API and with ours, in
 * turn, in one process. Prints a line a case: name, ns an operation of theirs and ours (medians of
 * the rounds), allocations an operation of theirs and ours.
 *
 * Theirs is what its users do: qmi_message_new_from_raw() and a reader call for each field, or
 * qmi_message_response_new() and a writer call for each field. malloc is counted here, so both are
 * counted the same way.
 */
#include <stdalign.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libqmi-glib.h>
#include <qmikit/dms.h>
#include <qmikit/nas.h>

#define ROUNDS 41
#define OPERATIONS 4000

void *__libc_malloc(size_t size);
__attribute__((visibility("default"))) void *malloc(size_t size);

static struct {
	size_t mallocs;
	uint64_t sum; /* of what was read, so that nothing is optimised away */
	uint8_t frame[512];
	size_t frame_size;
	GByteArray *raw;
} bench;

void *malloc(size_t size)
{
	bench.mallocs++;
	return __libc_malloc(size);
}

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* --- The messages */

static const char manufacturer[] = "QUALCOMM INCORPORATED";

static const struct qk_dms_get_manufacturer_response get_manufacturer = {
	.has_result = true,
	.has_manufacturer = true,
	.manufacturer = { manufacturer, sizeof(manufacturer) - 1 },
};

/* What an EC25 on LTE sends. */
static const struct qk_nas_get_system_info_response system_info = {
	.has_result = true,
	.has_gsm_service_status = true,
	.has_wcdma_service_status = true,
	.has_lte_service_status = true,
	.lte_service_status = { .service_status = 2, .true_service_status = 2 },
	.has_lte_system_info_v2 = true,
	.lte_system_info_v2 = {
		.domain_valid = true, .domain = 3, .service_capability_valid = true,
		.service_capability = 3, .roaming_status_valid = true, .forbidden_valid = true,
		.cid_valid = true, .cid = 26712321, .network_id_valid = true,
		.mcc = "262", .mnc = "01", .tac_valid = true, .tac = 12345,
	},
	.has_additional_lte_system_info = true,
	.additional_lte_system_info = { .geo_system_index = 65535 },
	.has_lte_voice_support = true,
	.lte_voice_support = true,
};

static void make_frame(uint8_t service, const struct qk_message *message, const void *value)
{
	struct qk_frame frame = { .service = service, .client = 1, .type = QK_RESPONSE };
	struct qk_writer w = qk_writer(bench.frame, sizeof(bench.frame));
	size_t mark;
	int size;

	frame.from_modem = true;
	frame.transaction = 1;
	frame.message = message->id;
	mark = qk_frame_begin(&w, &frame);
	size = qk_encode(message, value, &w) < 0 ? -1 : qk_frame_end(&w, mark);
	if (size < 0)
		abort();
	bench.frame_size = (size_t)size;
}

/* --- Ours */

static void our_decode(const struct qk_message *message, void *decoded)
{
	static alignas(max_align_t) uint8_t memory[2048];
	struct qk_arena arena = { .base = memory, .size = sizeof(memory) };
	struct qk_frame frame;

	if (qk_frame_read((struct qk_span){ bench.frame, bench.frame_size }, &frame, NULL) <= 0 ||
	    qk_decode(message, frame.tlvs, &arena, decoded) < 0)
		abort();
}

static void our_decode_manufacturer(void)
{
	struct qk_dms_get_manufacturer_response r;

	our_decode(qk_dms_get_manufacturer_method.response, &r);
	bench.sum += r.manufacturer.size;
}

static void our_decode_system_info(void)
{
	struct qk_nas_get_system_info_response r;

	our_decode(qk_nas_get_system_info_method.response, &r);
	bench.sum += r.lte_system_info_v2.tac;
}

static void our_encode_manufacturer(void)
{
	make_frame(2, qk_dms_get_manufacturer_method.response, &get_manufacturer);
}

static void our_encode_system_info(void)
{
	make_frame(3, qk_nas_get_system_info_method.response, &system_info);
}

/* --- Theirs */

static QmiMessage *their_message(void)
{
	QmiMessage *m;

	g_byte_array_append(bench.raw, bench.frame, (guint)bench.frame_size);
	m = qmi_message_new_from_raw(bench.raw, NULL);
	if (!m)
		abort();
	return m;
}

static gsize their_tlv(QmiMessage *m, guint8 type)
{
	gsize at = qmi_message_tlv_read_init(m, type, NULL, NULL);

	if (!at)
		abort();
	return at;
}

static void their_result(QmiMessage *m)
{
	gsize at = their_tlv(m, 0x02), offset = 0;
	guint16 status, code;

	qmi_message_tlv_read_guint16(m, at, &offset, QMI_ENDIAN_LITTLE, &status, NULL);
	qmi_message_tlv_read_guint16(m, at, &offset, QMI_ENDIAN_LITTLE, &code, NULL);
	bench.sum += status + code;
}

static void their_decode_manufacturer(void)
{
	QmiMessage *m = their_message();
	gsize offset = 0;
	gchar *text = NULL;

	their_result(m);
	qmi_message_tlv_read_string(m, their_tlv(m, 0x01), &offset, 0, 0, &text, NULL);
	bench.sum += strlen(text);
	g_free(text);
	qmi_message_unref(m);
}

static guint8 their_u8s(QmiMessage *m, gsize at, gsize *offset, unsigned int count)
{
	guint8 byte = 0;

	while (count--)
		qmi_message_tlv_read_guint8(m, at, offset, &byte, NULL);
	return byte;
}

static void their_lte_info(QmiMessage *m)
{
	gsize at = their_tlv(m, 0x19), offset = 0;
	guint16 lac, tac;
	guint32 cid;
	gchar mcc[4] = "", mnc[4] = "";

	their_u8s(m, at, &offset, 9);
	qmi_message_tlv_read_guint16(m, at, &offset, QMI_ENDIAN_LITTLE, &lac, NULL);
	their_u8s(m, at, &offset, 1);
	qmi_message_tlv_read_guint32(m, at, &offset, QMI_ENDIAN_LITTLE, &cid, NULL);
	their_u8s(m, at, &offset, 4);
	qmi_message_tlv_read_fixed_size_string(m, at, &offset, 3, mcc, NULL);
	qmi_message_tlv_read_fixed_size_string(m, at, &offset, 3, mnc, NULL);
	their_u8s(m, at, &offset, 1);
	qmi_message_tlv_read_guint16(m, at, &offset, QMI_ENDIAN_LITTLE, &tac, NULL);
	if (tac != 12345)
		abort();
	bench.sum += (guint64)tac + lac + cid + (guint64)mcc[0] + (guint64)mnc[0];
}

/* What libqmi's own parser of a message does: it looks for every TLV of its definition. */
static void their_definition(QmiMessage *m, const struct qk_message *message)
{
	for (size_t i = 0; i < message->tlv_count; i++)
		bench.sum += qmi_message_tlv_read_init(m, message->tlvs[i].type, NULL, NULL);
}

static void their_read_system_info(QmiMessage *m)
{
	gsize at, offset;
	guint16 index;

	their_result(m);
	for (guint8 type = 0x12; type <= 0x14; type++) {
		at = their_tlv(m, type);
		offset = 0;
		bench.sum += their_u8s(m, at, &offset, 3);
	}
	their_lte_info(m);
	at = their_tlv(m, 0x1e);
	offset = 0;
	qmi_message_tlv_read_guint16(m, at, &offset, QMI_ENDIAN_LITTLE, &index, NULL);
	at = their_tlv(m, 0x21);
	offset = 0;
	bench.sum += index + their_u8s(m, at, &offset, 1);
}

static void their_decode_system_info(void)
{
	QmiMessage *m = their_message();

	their_definition(m, qk_nas_get_system_info_method.response);
	their_read_system_info(m);
	qmi_message_unref(m);
}

/* As if one knew beforehand which TLVs there are: what no decoder of real frames can do. */
static void their_decode_known_tlvs(void)
{
	QmiMessage *m = their_message();

	their_read_system_info(m);
	qmi_message_unref(m);
}

static QmiMessage *their_response(QmiService service, guint16 id)
{
	QmiMessage *request = qmi_message_new(service, 1, 1, id), *response;

	response = qmi_message_response_new(request, QMI_PROTOCOL_ERROR_NONE);
	qmi_message_unref(request);
	return response;
}

static void their_finish(QmiMessage *m)
{
	gsize size = 0;

	bench.sum += qmi_message_get_raw(m, &size, NULL)[0] + size;
	qmi_message_unref(m);
}

static void their_encode_manufacturer(void)
{
	QmiMessage *m = their_response(QMI_SERVICE_DMS, 0x21);
	gsize at = qmi_message_tlv_write_init(m, 0x01, NULL);

	qmi_message_tlv_write_string(m, 0, manufacturer, -1, NULL);
	qmi_message_tlv_write_complete(m, at, NULL);
	their_finish(m);
}

static void their_write_u8s(QmiMessage *m, unsigned int count)
{
	while (count--)
		qmi_message_tlv_write_guint8(m, 1, NULL);
}

static void their_encode_system_info(void)
{
	QmiMessage *m = their_response(QMI_SERVICE_NAS, 0x4d);
	gsize at;

	for (guint8 type = 0x12; type <= 0x14; type++) {
		at = qmi_message_tlv_write_init(m, type, NULL);
		their_write_u8s(m, 3);
		qmi_message_tlv_write_complete(m, at, NULL);
	}
	at = qmi_message_tlv_write_init(m, 0x19, NULL);
	their_write_u8s(m, 9);
	qmi_message_tlv_write_guint16(m, QMI_ENDIAN_LITTLE, 65534, NULL);
	their_write_u8s(m, 1);
	qmi_message_tlv_write_guint32(m, QMI_ENDIAN_LITTLE, 26712321, NULL);
	their_write_u8s(m, 4);
	qmi_message_tlv_write_string(m, 0, "262", 3, NULL);
	qmi_message_tlv_write_string(m, 0, "01f", 3, NULL);
	their_write_u8s(m, 1);
	qmi_message_tlv_write_guint16(m, QMI_ENDIAN_LITTLE, 12345, NULL);
	qmi_message_tlv_write_complete(m, at, NULL);
	at = qmi_message_tlv_write_init(m, 0x1e, NULL);
	qmi_message_tlv_write_guint16(m, QMI_ENDIAN_LITTLE, 65535, NULL);
	qmi_message_tlv_write_complete(m, at, NULL);
	at = qmi_message_tlv_write_init(m, 0x21, NULL);
	their_write_u8s(m, 1);
	qmi_message_tlv_write_complete(m, at, NULL);
	their_finish(m);
}

/* --- Measuring */

struct side {
	void (*run)(void);
	double ns[ROUNDS];
	double mallocs;
};

static void measure(struct side *side, int round)
{
	size_t before = bench.mallocs;
	double start = now_ns();

	for (int i = 0; i < OPERATIONS; i++)
		side->run();
	side->ns[round] = (now_ns() - start) / OPERATIONS;
	side->mallocs = (double)(bench.mallocs - before) / OPERATIONS;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(struct side *side)
{
	qsort(side->ns, ROUNDS, sizeof(side->ns[0]), by_value);
	return side->ns[ROUNDS / 2];
}

static void compare(const char *name, void (*their_run)(void), void (*our_run)(void))
{
	struct side theirs = { .run = their_run }, ours = { .run = our_run };

	for (int round = 0; round < ROUNDS; round++) {
		measure(&theirs, round);
		measure(&ours, round);
	}
	printf("%s\t%.1f\t%.1f\t%.2f\t%.2f\n", name, median(&theirs), median(&ours), theirs.mallocs,
	       ours.mallocs);
}

int main(void)
{
	bench.raw = g_byte_array_new();
	make_frame(2, qk_dms_get_manufacturer_method.response, &get_manufacturer);
	compare("decode DMS Get Manufacturer", their_decode_manufacturer, our_decode_manufacturer);
	make_frame(3, qk_nas_get_system_info_method.response, &system_info);
	compare("decode NAS Get System Info", their_decode_system_info, our_decode_system_info);
	compare("  if the TLVs were known", their_decode_known_tlvs, our_decode_system_info);
	compare("encode DMS Get Manufacturer", their_encode_manufacturer, our_encode_manufacturer);
	compare("encode NAS Get System Info", their_encode_system_info, our_encode_system_info);
	g_byte_array_unref(bench.raw);
	return bench.sum == 0;
}
