/*
 * The verb summary: a recording in numbers.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "options.h"
#include "print.h"
#include "reader.h"
#include "tally.h"
#include "verbs.h"

#define NSEC_PER_MS 1e6

static const struct {
	unsigned int percent;
	const char *name;
} percents[] = { { 50, "p50" }, { 95, "p95" }, { 99, "p99" }, { 100, "max" } };
#define PERCENTS (sizeof(percents) / sizeof(percents[0]))

/* "nas get-signal-info" into `buffer`. */
static const char *message_name(const struct tally_row *row, char *buffer, size_t size)
{
	const struct qk_message *message = qk_message_by_id(
		row->service, row->indication ? QK_INDICATION : QK_REQUEST, row->message);
	char service[16];

	if (message)
		snprintf(buffer, size, "%s %s",
			 printer_service(row->service, service, sizeof(service)),
			 qk_message_name(message));
	else
		snprintf(buffer, size, "%s 0x%04x",
			 printer_service(row->service, service, sizeof(service)), row->message);
	return buffer;
}

static const char *error_name(uint16_t error, char *buffer, size_t size)
{
	const struct qk_error_info *info = qk_error_by_code(error);

	if (info)
		return info->name;
	snprintf(buffer, size, "error %u", error);
	return buffer;
}

static uint64_t count_errors(const struct tally_row *row)
{
	uint64_t count = 0;

	for (size_t i = 0; i < row->error_count; i++)
		count += row->errors[i].count;
	return count;
}

/* --- Text */

static void print_row(const struct tally_row *row)
{
	char name[96], error[24];

	message_name(row, name, sizeof(name));
	if (row->indication) {
		printf("  %-44s %7" PRIu64 "\n", name, row->count);
		return;
	}
	printf("  %-44s %7" PRIu64 " %7" PRIu64 " %9" PRIu64, name, row->count, count_errors(row),
	       row->unanswered);
	for (size_t i = 0; i < PERCENTS && row->latency_count; i++)
		printf(" %9.3f", (double)tally_percentile(row, percents[i].percent) / NSEC_PER_MS);
	printf("\n");
	for (size_t i = 0; i < row->error_count; i++)
		printf("    %s, %" PRIu64 " times\n",
		       error_name(row->errors[i].error, error, sizeof(error)),
		       row->errors[i].count);
}

static void print_rows(const struct tally *tally)
{
	for (size_t i = 0; i < tally->row_count; i++) {
		const struct tally_row *row = &tally->rows[i];
		const struct tally_row *before = i ? row - 1 : NULL;
		bool fresh =
			!before || before->process != row->process || before->device != row->device;
		if (fresh)
			printf("\n%s on %s\n", *row->process ? row->process : "?",
			       *row->device ? row->device : "?");
		if (!row->indication && fresh)
			printf("  %-44s %7s %7s %9s %9s %9s %9s %9s\n", "requests", "count",
			       "errors", "no answer", "50% ms", "95% ms", "99% ms", "most ms");
		if (row->indication && (fresh || !before->indication))
			printf("  %-44s %7s\n", "indications", "count");
		print_row(row);
	}
}

/* Whether this is the first client of its process in the list. */
static bool is_first(const struct tally *tally, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (tally->clients[i].pid == tally->clients[at].pid)
			return false;
	return true;
}

static void print_clients_of(const struct tally *tally, size_t first)
{
	uint32_t pid = tally->clients[first].pid;
	uint64_t count = 0, left = 0;
	char process[64], service[16];

	for (size_t i = first; i < tally->client_count; i++) {
		count += tally->clients[i].pid == pid;
		left += tally->clients[i].pid == pid && !tally->clients[i].released;
	}
	printer_process(tally->clients[first].process, pid, process, sizeof(process));
	printf("  %s: %" PRIu64 " allocated, %" PRIu64 " not released\n", process, count, left);
	for (size_t i = first; i < tally->client_count; i++) {
		const struct tally_client *client = &tally->clients[i];
		if (client->pid == pid && !client->released)
			printf("    %s %u, given in #%" PRIu64 "\n",
			       printer_service(client->service, service, sizeof(service)),
			       client->client, client->number);
	}
}

static void print_text(const struct tally *tally)
{
	printf("%" PRIu64 " records in %.3f s", tally->entries,
	       (double)(tally->last_nsec - tally->first_nsec) / 1e9);
	if (tally->unreadable)
		printf(", %" PRIu64 " of them no QMI message", tally->unreadable);
	printf("\n");
	print_rows(tally);
	if (tally->client_count)
		printf("\nclient ids\n");
	for (size_t i = 0; i < tally->client_count; i++)
		if (is_first(tally, i))
			print_clients_of(tally, i);
}

/* --- JSON */

static json_t *service_to_json(uint16_t service)
{
	const char *name = qk_service_name(service);

	return name ? json_string(name) : json_integer(service);
}

static json_t *errors_to_json(const struct tally_row *row)
{
	json_t *errors = json_object();
	char name[24];

	for (size_t i = 0; i < row->error_count; i++)
		json_object_set_new(errors, error_name(row->errors[i].error, name, sizeof(name)),
				    json_integer((json_int_t)row->errors[i].count));
	return errors;
}

static json_t *row_to_json(const struct tally_row *row)
{
	const struct qk_message *message = qk_message_by_id(
		row->service, row->indication ? QK_INDICATION : QK_REQUEST, row->message);
	json_t *object = json_pack(
		"{s:o, s:o, s:o, s:s?, s:i, s:I}", "process", printer_text_to_json(row->process),
		"device", printer_text_to_json(row->device), "service",
		service_to_json(row->service), "message", message ? qk_message_name(message) : NULL,
		"message-id", row->message, "count", (json_int_t)row->count);

	if (row->indication || !object)
		return object;
	json_t *latency = row->latency_count ? json_object() : NULL;
	for (size_t i = 0; latency && i < PERCENTS; i++)
		json_object_set_new(
			latency, percents[i].name,
			json_integer((json_int_t)tally_percentile(row, percents[i].percent)));
	json_object_set_new(object, "errors", errors_to_json(row));
	json_object_set_new(object, "unanswered", json_integer((json_int_t)row->unanswered));
	if (latency)
		json_object_set_new(object, "latency-nsec", latency);
	return object;
}

static json_t *client_to_json(const struct tally_client *client)
{
	return json_pack("{s:o, s:I, s:o, s:o, s:i, s:I, s:b}", "process",
			 printer_text_to_json(client->process), "pid", (json_int_t)client->pid,
			 "device", printer_text_to_json(client->device), "service",
			 service_to_json(client->service), "client", client->client, "record",
			 (json_int_t)client->number, "released", client->released);
}

static int print_json(const struct tally *tally)
{
	json_t *requests = json_array(), *indications = json_array(), *clients = json_array();

	for (size_t i = 0; i < tally->row_count; i++)
		json_array_append_new(tally->rows[i].indication ? indications : requests,
				      row_to_json(&tally->rows[i]));
	for (size_t i = 0; i < tally->client_count; i++)
		json_array_append_new(clients, client_to_json(&tally->clients[i]));
	json_t *root =
		json_pack("{s:I, s:I, s:I, s:o, s:o, s:o}", "records", (json_int_t)tally->entries,
			  "unreadable", (json_int_t)tally->unreadable, "duration-nsec",
			  (json_int_t)(tally->last_nsec - tally->first_nsec), "requests", requests,
			  "indications", indications, "clients", clients);
	if (!root)
		return -ENOMEM;
	json_dumpf(root, stdout, JSON_COMPACT);
	printf("\n");
	json_decref(root);
	return 0;
}

static int count_all(struct reader *reader, const struct options *options, struct tally *tally)
{
	struct entry entry;
	int r;

	while ((r = reader_next(reader, &entry)) > 0) {
		if (!filter_wants(&options->filter, &entry))
			continue;
		r = tally_see(tally, &entry);
		if (r < 0)
			return r;
	}
	return r;
}

int qk_trace_summary(int argc, char **argv)
{
	static const struct options_wanted wanted = {
		"summary", "json service message client pid process device", "FILE [OPTION...]", 1,
		1
	};
	struct options options;
	struct tally *tally = NULL;
	struct reader *reader;
	int r = options_read(&wanted, argc, argv, &options);

	if (r)
		return r < 0 ? QK_TRACE_USAGE : 0;
	r = reader_open(options.files[0], false, &reader);
	if (r < 0) {
		fprintf(stderr, "error: %s: %s\n", options.files[0], strerror(-r));
		return QK_TRACE_FAILED;
	}
	r = tally_new(&tally);
	if (r == 0)
		r = count_all(reader, &options, tally);
	/* what came before the file broke counts */
	if (tally && r != -ENOMEM) {
		tally_end(tally);
		if (options.json && print_json(tally) < 0)
			r = -ENOMEM;
		if (!options.json)
			print_text(tally);
	}
	int status = reader_report(reader, r);
	tally_free(tally);
	reader_close(reader);
	return status;
}
