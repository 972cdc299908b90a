/*
 * Print (see print.h).
 */
#include "print.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NSEC 1000000000ULL

void printer_done(struct printer *printer)
{
	decoder_done(&printer->decoder);
}

void printer_process(const char *process, uint32_t pid, char *buffer, size_t size)
{
	buffer[0] = 0;
	if (*process || pid)
		snprintf(buffer, size, "%s[%" PRIu32 "]", *process ? process : "?", pid);
}

const char *printer_service(uint16_t service, char *buffer, size_t size)
{
	const char *name = qk_service_name(service);

	if (name)
		return name;
	snprintf(buffer, size, "service 0x%02x", service);
	return buffer;
}

static const char *type_name(enum qk_message_type type)
{
	static const char *const names[] = { "request", "response", "indication" };

	return names[type];
}

/* Text of a recording is as it came: it must not speak to the terminal. */
static void put_clean(FILE *out, const char *text)
{
	for (; *text; text++)
		if (*text >= 0x20 && *text < 0x7f)
			fputc(*text, out);
		else
			fprintf(out, "\\x%02x", (unsigned char)*text);
}

static void put_hex(FILE *out, struct qk_span bytes)
{
	fputs("  ", out);
	for (size_t i = 0; i < bytes.size; i++)
		fprintf(out, i + 1 < bytes.size ? "%02x " : "%02x", bytes.data[i]);
	fputs("\n", out);
}

static void put_time(FILE *out, uint64_t time_nsec)
{
	time_t seconds = (time_t)(time_nsec / NSEC);
	char text[32];
	struct tm tm;

	if (!time_nsec || !localtime_r(&seconds, &tm) ||
	    !strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm))
		return;
	fprintf(out, " %s.%06u", text, (unsigned int)(time_nsec % NSEC / 1000));
}

static void put_place(FILE *out, const struct entry *entry)
{
	char process[64];

	fprintf(out, "#%" PRIu64, entry->number);
	put_time(out, entry->time_nsec);
	printer_process(entry->process, entry->pid, process, sizeof(process));
	if (*process) {
		fputs(" ", out);
		put_clean(out, process);
	}
	if (*entry->device) {
		fputs(" ", out);
		put_clean(out, entry->device);
	}
	if (entry->node || entry->port)
		fprintf(out, " %" PRIu32 ":%" PRIu32, entry->node, entry->port);
}

static void put_head(FILE *out, const struct entry *entry, const struct pairing_request *request)
{
	const struct qk_frame *frame = &entry->frame;
	uint16_t error = entry_error(entry);
	char service[16];

	fprintf(out, " %s %s %s %s (0x%04x)", entry->from_modem ? "<" : ">",
		printer_service(entry->service, service, sizeof(service)), type_name(frame->type),
		entry->message ? qk_message_name(entry->message) : "unknown", frame->message);
	if (entry->transport == QK_LINK_QMUX || entry->transport == QK_LINK_QMUXD)
		fprintf(out, ", client %u", frame->client);
	fprintf(out, ", transaction %u, %zu bytes", frame->transaction, entry->bytes.size);
	if (request && entry->time_nsec >= request->time_nsec)
		fprintf(out, ", %.3f ms after #%" PRIu64,
			(double)(entry->time_nsec - request->time_nsec) / 1e6, request->number);
	if (error) {
		const struct qk_error_info *info = qk_error_by_code(error);
		fprintf(out, ", error %u %s", error, info ? info->name : "without a name");
	}
	fputs("\n", out);
}

/* The TLVs of a message that no definition knows. */
static void put_tlvs(struct printer *printer, const struct entry *entry)
{
	struct qk_cursor c = qk_cursor(entry->frame.tlvs);
	struct qk_tlv tlv;

	while (qk_cursor_tlv(&c, &tlv)) {
		fprintf(printer->out, "  TLV 0x%02x (%zu bytes)", tlv.type, tlv.value.size);
		if (printer->unmask && tlv.value.size) {
			fputs(":", printer->out);
			for (size_t i = 0; i < tlv.value.size; i++)
				fprintf(printer->out, " %02x", tlv.value.data[i]);
		}
		fputs("\n", printer->out);
	}
	if (c.error)
		fputs("  (the rest cannot be read)\n", printer->out);
}

static int show_text(struct printer *printer, const struct entry *entry,
		     const struct pairing_request *request)
{
	FILE *out = printer->out;
	void *value;

	put_place(out, entry);
	if (!entry->has_frame) {
		fprintf(out, " %s %s, %zu bytes\n", entry->from_modem ? "<" : ">",
			*entry->note ? entry->note : "no QMI message", entry->bytes.size);
		if (printer->unmask)
			put_hex(out, entry->bytes);
		return 0;
	}
	put_head(out, entry, request);
	if (!entry->message) {
		put_tlvs(printer, entry);
		return 0;
	}
	int r = decoder_run(&printer->decoder, entry->message, entry->frame.tlvs, &value);
	if (r == -ENOMEM)
		return r;
	int printed = decoder_print(entry->message, value, printer->unmask, out);
	if (r < 0)
		fputs("  (the rest cannot be read)\n", out);
	return printed;
}

/* --- JSON */

json_t *printer_text_to_json(const char *text)
{
	json_t *json = json_string(text);
	size_t size = strlen(text), used = 0;
	char *escaped;

	/* jansson takes UTF-8 alone; names of processes and paths need not be it */
	if (json)
		return json;
	escaped = malloc(4 * size + 1);
	for (size_t i = 0; escaped && i < size; i++)
		used += (size_t)snprintf(escaped + used, 5,
					 (unsigned char)text[i] < 0x80 ? "%c" : "\\x%02x",
					 (unsigned char)text[i]);
	json = escaped ? json_stringn(escaped, used) : NULL;
	free(escaped);
	return json;
}

json_t *printer_hex_to_json(struct qk_span bytes)
{
	static const char digits[] = "0123456789abcdef";
	char *hex = malloc(2 * bytes.size + 1);

	if (!hex)
		return NULL;
	for (size_t i = 0; i < bytes.size; i++) {
		hex[2 * i] = digits[bytes.data[i] >> 4];
		hex[2 * i + 1] = digits[bytes.data[i] & 15];
	}
	json_t *json = json_stringn(hex, 2 * bytes.size);
	free(hex);
	return json;
}

static void set(json_t *object, const char *name, json_t *value)
{
	/* jansson sets nothing when there is no value: memory is out, and the dump tells */
	if (value)
		json_object_set_new(object, name, value);
}

static void set_place(json_t *object, const struct entry *entry)
{
	const char *transport = entry_transport_name(entry->transport);
	time_t seconds = (time_t)(entry->time_nsec / NSEC);
	char day[32], text[64];
	struct tm tm;

	set(object, "number", json_integer((json_int_t)entry->number));
	if (entry->time_nsec && gmtime_r(&seconds, &tm) &&
	    strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm)) {
		snprintf(text, sizeof(text), "%s.%09uZ", day,
			 (unsigned int)(entry->time_nsec % NSEC));
		set(object, "time", json_string(text));
		set(object, "time-nsec", json_integer((json_int_t)entry->time_nsec));
	}
	if (*entry->process)
		set(object, "process", printer_text_to_json(entry->process));
	if (entry->pid)
		set(object, "pid", json_integer(entry->pid));
	if (entry->pid || entry->connection)
		set(object, "connection", json_integer(entry->connection));
	if (*entry->device)
		set(object, "device", printer_text_to_json(entry->device));
	if (entry->node || entry->port) {
		set(object, "node", json_integer(entry->node));
		set(object, "port", json_integer(entry->port));
	}
	set(object, "transport",
	    transport ? json_string(transport) : json_integer(entry->transport));
	set(object, "direction", json_string(entry->from_modem ? "from-modem" : "to-modem"));
	set(object, "size", json_integer((json_int_t)entry->bytes.size));
}

static void set_head(json_t *object, const struct entry *entry,
		     const struct pairing_request *request)
{
	const char *service = qk_service_name(entry->service);
	uint16_t error = entry_error(entry);
	const struct qk_error_info *info = error ? qk_error_by_code(error) : NULL;

	set(object, "service", service ? json_string(service) : json_integer(entry->service));
	set(object, "type", json_string(type_name(entry->frame.type)));
	set(object, "message",
	    entry->message ? json_string(qk_message_name(entry->message)) : json_null());
	set(object, "message-id", json_integer(entry->frame.message));
	if (entry->transport == QK_LINK_QMUX || entry->transport == QK_LINK_QMUXD)
		set(object, "client", json_integer(entry->frame.client));
	set(object, "transaction", json_integer(entry->frame.transaction));
	if (request) {
		set(object, "request", json_integer((json_int_t)request->number));
		if (entry->time_nsec >= request->time_nsec)
			set(object, "latency-nsec",
			    json_integer((json_int_t)(entry->time_nsec - request->time_nsec)));
	}
	if (error)
		set(object, "error", info ? json_string(info->name) : json_integer(error));
}

/* The TLVs of a message without a definition, as those that a definition lacks. */
static json_t *raw_fields(const struct entry *entry, bool unmask)
{
	struct qk_cursor c = qk_cursor(entry->frame.tlvs);
	json_t *list = json_array();
	struct qk_tlv tlv;

	while (qk_cursor_tlv(&c, &tlv))
		json_array_append_new(
			list,
			json_pack("{s:i, s:s, s:o}", "tlv", tlv.type, "kind", "unknown", "bytes",
				  unmask ? printer_hex_to_json(tlv.value) : json_string("###")));
	return json_pack("{s:o}", "unknown-tlvs", list);
}

static int set_fields(struct printer *printer, json_t *object, const struct entry *entry)
{
	json_t *fields;
	void *value;
	int r = 0;

	if (entry->message) {
		r = decoder_run(&printer->decoder, entry->message, entry->frame.tlvs, &value);
		if (r == -ENOMEM)
			return r;
		fields = decoder_to_json(entry->message, value, printer->unmask);
	} else {
		fields = raw_fields(entry, printer->unmask);
	}
	if (!fields)
		return -ENOMEM;
	set(object, "fields", fields);
	if (r < 0)
		set(object, "broken", json_true());
	return 0;
}

static int show_json(struct printer *printer, const struct entry *entry,
		     const struct pairing_request *request)
{
	json_t *object = json_object();
	int r = object ? 0 : -ENOMEM;

	set_place(object, entry);
	if (entry->has_frame) {
		set_head(object, entry, request);
		if (r == 0)
			r = set_fields(printer, object, entry);
	} else if (*entry->note) {
		set(object, "note", json_string(entry->note));
	}
	if (printer->unmask)
		set(object, "bytes", printer_hex_to_json(entry->bytes));
	if (r == 0) {
		json_dumpf(object, printer->out, JSON_COMPACT);
		fputs("\n", printer->out);
	}
	json_decref(object);
	return r;
}

int printer_show(struct printer *printer, const struct entry *entry,
		 const struct pairing_request *request)
{
	return printer->json ? show_json(printer, entry, request)
			     : show_text(printer, entry, request);
}
