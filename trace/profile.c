/*
 * The verb profile: a recording of a modem as a profile of the virtual one: what it is, and its answers to
 * requests that only read.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <qmikit/ctl.h>

#include "decoder.h"
#include "options.h"
#include "pairing.h"
#include "print.h"
#include "reader.h"
#include "reads.h"
#include "verbs.h"

#define BASE "ec25-eux"
#define ANSWERS_MAX 4096 /* as many as a profile may have */
#define SIZE_MOST ((size_t)1024 * 1024)
#define MARK "S" /* how sure a value is: it was seen */

/* What the modem is: a value of a response to a member of a profile. */
static const struct row {
	uint16_t service;
	const char *message, *path, *section, *member;
	size_t most; /* digits or bytes that the member takes */
} rows[] = {
	{ QK_SERVICE_ID_DMS, "get-manufacturer", "manufacturer", "identity", "manufacturer", 63 },
	{ QK_SERVICE_ID_DMS, "get-model", "model", "identity", "model", 63 },
	{ QK_SERVICE_ID_DMS, "get-revision", "revision", "identity", "revision", 63 },
	{ QK_SERVICE_ID_DMS, "get-hardware-revision", "revision", "identity", "hardware-revision",
	  63 },
	{ QK_SERVICE_ID_DMS, "get-ids", "imei", "identity", "imei", 14 },
	{ QK_SERVICE_ID_DMS, "get-ids", "imei-software-version", "identity",
	  "imei-software-version", 7 },
	{ QK_SERVICE_ID_DMS, "get-ids", "esn", "identity", "esn", 15 },
	{ QK_SERVICE_ID_DMS, "get-ids", "meid", "identity", "meid", 15 },
	{ QK_SERVICE_ID_DMS, "get-msisdn", "msisdn", "identity", "msisdn", 12 },
	{ QK_SERVICE_ID_DMS, "uim-get-imsi", "imsi", "card", "imsi", 15 },
	{ QK_SERVICE_ID_DMS, "uim-get-iccid", "iccid", "card", "iccid", 19 },
};

struct maker {
	json_t *root, *answers;
	struct decoder decoder;
	bool no_memory;
};

static bool only_reads(const struct entry *entry)
{
	const struct qk_message *message = entry->message;
	const struct qk_method *method =
		message ? qk_method_by_id(message->service, message->id) : NULL;

	return method && qk_trace_reads(method->request);
}

static bool is_whole(struct qk_span tlvs)
{
	struct qk_cursor c = qk_cursor(tlvs);
	struct qk_tlv tlv;

	while (qk_cursor_tlv(&c, &tlv))
		;
	return !c.error;
}

static json_t *service_of(uint16_t service)
{
	const char *name = qk_service_name(service);

	return name ? json_string(name) : json_integer(service);
}

/* Whether the answer to this request is there: the first one counts, before anything was changed. */
static bool is_known(const struct maker *maker, const json_t *service, uint16_t message,
		     const json_t *request)
{
	json_t *answer;
	size_t i;

	json_array_foreach(maker->answers, i, answer)
	{
		if (json_equal(json_object_get(answer, "service"), service) &&
		    json_integer_value(json_object_get(answer, "message")) == message &&
		    json_equal(json_object_get(answer, "request"), request))
			return true;
	}
	return false;
}

static void add_answer(struct maker *maker, const struct entry *entry,
		       const struct pairing_request *request)
{
	/* bytes that are no TLVs are in no profile */
	if (!is_whole(request->tlvs) || !is_whole(entry->frame.tlvs))
		return;
	json_t *service = service_of(entry->service), *asked = printer_hex_to_json(request->tlvs);
	if (is_known(maker, service, request->message, asked) ||
	    json_array_size(maker->answers) == ANSWERS_MAX) {
		json_decref(service);
		json_decref(asked);
		return;
	}
	json_t *answer = json_pack("{s:o, s:i, s:o, s:o, s:s}", "service", service, "message",
				   request->message, "request", asked, "response",
				   printer_hex_to_json(entry->frame.tlvs), "what",
				   qk_message_name(entry->message));
	maker->no_memory |= json_array_append_new(maker->answers, answer) < 0;
}

/* The object `name` of `owner`, made where it is not there. */
static json_t *object_in(json_t *owner, const char *name)
{
	json_t *object = json_object_get(owner, name);

	if (object)
		return object;
	json_object_set_new(owner, name, json_object());
	return json_object_get(owner, name);
}

static void set_member(struct maker *maker, const char *section, const char *member, json_t *value)
{
	json_t *object = object_in(maker->root, section);

	if (json_object_get(object, member)) {
		json_decref(value);
		return;
	}
	maker->no_memory |=
		json_object_set_new(object, member, value) < 0 ||
		json_object_set_new(object_in(object, "certainty"), member, json_string(MARK)) < 0;
}

static bool is_digits(const char *member)
{
	return !strcmp(member, "imei") || !strcmp(member, "imsi") || !strcmp(member, "iccid") ||
	       !strcmp(member, "msisdn");
}

/* A text of the response for a member of the profile, where it fits. */
static void add_value(struct maker *maker, const struct row *row, const struct qk_message *message,
		      const void *decoded)
{
	const struct qk_field *field;
	const void *at;
	struct qk_string text;

	if (qk_find(message, decoded, row->path, &field, &at) < 0 ||
	    field->kind != QK_KIND_STRING || (field->flags & QK_FIELD_LIST))
		return;
	memcpy(&text, at, sizeof(text));
	bool digits = is_digits(row->member);
	if (digits && strspn(text.data, "0123456789") != text.size)
		return;
	/* of these a profile has the first digits; the modem makes the check digit */
	if (text.size > row->most && digits)
		text.size = row->most;
	if (text.size > row->most || !text.size || memchr(text.data, 0, text.size))
		return;
	json_t *value = json_stringn(text.data, text.size);
	if (value)
		set_member(maker, row->section, row->member, value);
}

/* The services and their versions; client ids begin at 1, as many as there may be. */
static void add_services(struct maker *maker, const struct qk_ctl_get_version_info_response *info)
{
	json_t *list = json_array();

	if (json_object_get(maker->root, "services") || !info->has_service_list) {
		json_decref(list);
		return;
	}
	for (size_t i = 0; i < info->service_list.count; i++) {
		uint8_t id = (uint8_t)info->service_list.items[i].service;
		json_t *service =
			json_pack("{s:o, s:i, s:i, s:s}", "service", service_of(id), "major",
				  info->service_list.items[i].major_version, "minor",
				  info->service_list.items[i].minor_version, "certainty", MARK);
		maker->no_memory |= json_array_append_new(list, service) < 0;
	}
	maker->no_memory |= json_object_set_new(maker->root, "services", list) < 0;
}

static int add_facts(struct maker *maker, const struct entry *entry)
{
	void *decoded;
	int r = decoder_run(&maker->decoder, entry->message, entry->frame.tlvs, &decoded);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	if (entry->service == QK_SERVICE_CTL)
		add_services(maker, decoded);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].service == entry->service &&
		    strcmp(rows[i].message, qk_message_name(entry->message)) == 0)
			add_value(maker, &rows[i], entry->message, decoded);
	return 0;
}

static int make(struct reader *reader, struct pairing *pairing, struct maker *maker)
{
	struct pairing_request request;
	struct entry entry;
	int r;

	while ((r = reader_next(reader, &entry)) > 0) {
		int paired = pairing_see(pairing, &entry, &request);
		if (paired < 0)
			return paired;
		if (!paired || !only_reads(&entry))
			continue;
		add_answer(maker, &entry, &request);
		r = entry_error(&entry) ? 0 : add_facts(maker, &entry);
		if (r < 0 || maker->no_memory)
			return -ENOMEM;
	}
	return r;
}

/* The name of a profile: what it is called, or its file without folder and ending. */
static json_t *name_of(const struct options *options)
{
	const char *slash = strrchr(options->output, '/');
	const char *name = options->name ? options->name : slash ? slash + 1 : options->output;
	size_t size = strlen(name);

	if (!options->name && size > 5 && strcmp(name + size - 5, ".json") == 0)
		size -= 5;
	json_t *json = json_stringn(name, size > 47 ? 47 : size);
	return json ? json : json_string("recorded");
}

static int begin(struct maker *maker, const struct options *options)
{
	maker->answers = json_array();
	maker->root = json_pack("{s:s, s:o, s:s}", "base", options->base ? options->base : BASE,
				"name", name_of(options), "title", "A modem that was recorded");
	return maker->root && maker->answers ? 0 : -ENOMEM;
}

static int fail(const char *path, const char *why)
{
	fprintf(stderr, "error: %s: %s\n", path, why);
	return QK_TRACE_FAILED;
}

/* A profile tells what its recording told: it is made for its owner alone. */
static int write_text(const char *path, const char *text, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

	if (!file)
		return fail(path, strerror(errno));
	bool written = fwrite(text, 1, size, file) == size;
	if (fclose(file) == EOF || !written)
		return fail(path, strerror(errno));
	return 0;
}

static int write_profile(struct maker *maker, const struct options *options)
{
	size_t count = json_array_size(maker->answers);

	if (!count)
		return fail(options->files[0], "no request that only reads has an answer in it");
	if (json_object_set(maker->root, "recorded", maker->answers) < 0)
		return fail(options->output, strerror(ENOMEM));
	char *text = json_dumps(maker->root, JSON_INDENT(1));
	if (!text)
		return fail(options->output, strerror(ENOMEM));
	size_t size = strlen(text);
	int status = size > SIZE_MOST
			     ? fail(options->output,
				    "the answers are more than the 1 MiB that qmi-sim takes; "
				    "record less at a time")
			     : write_text(options->output, text, size);
	free(text);
	if (!status)
		printf("%s: %zu answers\n", options->output, count);
	return status;
}

int qk_trace_profile(int argc, char **argv)
{
	static const struct options_wanted wanted = { "profile", "output base name",
						      "FILE -o PROFILE.json [OPTION...]", 1, 1 };
	struct maker maker = { 0 };
	struct pairing *pairing = NULL;
	struct reader *reader;
	struct options options;
	int r = options_read(&wanted, argc, argv, &options);

	if (r == 0 && !options.output) {
		fprintf(stderr, "error: profile: -o is missing; see qmi-trace profile --help\n");
		r = -EINVAL;
	}
	if (r)
		return r < 0 ? QK_TRACE_USAGE : 0;
	r = reader_open(options.files[0], false, &reader);
	if (r < 0) {
		fprintf(stderr, "error: %s: %s\n", options.files[0], strerror(-r));
		return QK_TRACE_FAILED;
	}
	r = begin(&maker, &options);
	if (r == 0)
		r = pairing_new(&pairing);
	if (r == 0)
		r = make(reader, pairing, &maker);
	int status = reader_report(reader, r);
	if (!status)
		status = write_profile(&maker, &options);
	json_decref(maker.root);
	json_decref(maker.answers);
	decoder_done(&maker.decoder);
	pairing_free(pairing);
	reader_close(reader);
	return status;
}
