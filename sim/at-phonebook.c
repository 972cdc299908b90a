/*
 * AT phone book: +CPB in the records of the card's files, which SIM programs and QMI see too (see
 * at-modem.h). Sources: 3GPP TS 27.007 8.11 to 8.14, 3GPP TS 31.102 4.2 and 4.4.2 (the files).
 */
#include "at-modem.h"

#include <string.h>
#include <strings.h>

#include "at-charset.h"
#include "card.h"
#include "lib/3gpp/sim-file.h"
#include "modem.h"

#define NUMBER_MAX 24
#define NAME_MAX 256 /* of UTF-8 */

static const struct {
	const char *name;
	uint16_t file;
} books[] = {
	{ "SM", 0x6f3a }, /* abbreviated dialling numbers */
	{ "FD", 0x6f3b }, /* fixed dialling numbers */
	{ "ON", 0x6f40 }, /* own numbers */
};

#define BOOK_COUNT (sizeof(books) / sizeof(books[0]))

int qk_at_number_type(const char *number)
{
	return number[0] == '+' ? 145 : 129;
}

struct entry {
	char name[NAME_MAX], number[NUMBER_MAX];
};

static const struct qk_sim_file *book(const struct qk_at_call *call)
{
	const struct qk_sim_file *file = qk_sim_card_find_id(
		&call->state->card, books[qk_at_get(call->port, QK_AT_SET_CPBS)].file);

	return file && file->record_size >= QK_DIALLING_SIZE ? file : NULL;
}

/* Whether record `i` (from 1 on) holds an entry. */
static bool read_entry(const struct qk_at_call *call, const struct qk_sim_file *file,
		       unsigned int i, struct entry *ret)
{
	struct qk_span record;

	if (qk_sim_card_read_record(&call->state->card, file, i, &record) != QK_SIM_SW_OK)
		return false;
	if (qk_dialling_read(record, ret->name, sizeof(ret->name), ret->number,
			     sizeof(ret->number)) < 0)
		return false;
	return ret->name[0] || ret->number[0];
}

static void say_entry(struct qk_at_call *call, unsigned int i, const struct entry *entry)
{
	char name[NAME_MAX * 4];

	qk_at_charset_write(qk_at_get(call->port, QK_AT_SET_CSCS), entry->name, name, sizeof(name));
	qk_at_say(call, "%s: %u,\"%s\",%d,\"%s\"", call->command->name, i, entry->number,
		  qk_at_number_type(entry->number), name);
}

static int select_book(struct qk_at_call *call)
{
	for (uint32_t i = 0; i < BOOK_COUNT; i++) {
		if (call->parsed->arg_count > 2 || !qk_at_arg_is(call->parsed, 0, books[i].name))
			continue;
		qk_at_put_setting(call->port, QK_AT_SET_CPBS, i);
		return QK_AT_OK;
	}
	return QK_AT_CME + QK_AT_CME_NOT_SUPPORTED;
}

static int read_book(struct qk_at_call *call)
{
	const struct qk_sim_file *file = book(call);
	unsigned int used = 0, total = file ? qk_sim_file_records(file) : 0;
	struct entry entry;

	for (unsigned int i = 1; i <= total; i++)
		used += read_entry(call, file, i, &entry);
	qk_at_say(call, "+CPBS: \"%s\",%u,%u", books[qk_at_get(call->port, QK_AT_SET_CPBS)].name,
		  used, total);
	return QK_AT_OK;
}

static int read_entries(struct qk_at_call *call)
{
	const struct qk_sim_file *file = book(call);
	unsigned int total = file ? qk_sim_file_records(file) : 0;
	uint32_t first = 0, last;
	struct entry entry;

	if (call->parsed->arg_count > 2 || !qk_at_has_arg(call->parsed, 0) ||
	    qk_at_arg_number(call->parsed, 0, 1, total, &first) < 0)
		return QK_AT_CME + QK_AT_CME_INDEX;
	last = first;
	if (qk_at_arg_number(call->parsed, 1, first, total, &last) < 0)
		return QK_AT_CME + QK_AT_CME_INDEX;
	for (unsigned int i = first; i <= last; i++)
		if (read_entry(call, file, i, &entry))
			say_entry(call, i, &entry);
	return QK_AT_OK;
}

static int find_entries(struct qk_at_call *call)
{
	const struct qk_sim_file *file = book(call);
	char text[NAME_MAX];
	struct entry entry;

	if (call->parsed->arg_count != 1 ||
	    qk_at_charset_read(qk_at_get(call->port, QK_AT_SET_CSCS), call->parsed->args[0].text,
			       call->parsed->args[0].size, text, sizeof(text)) < 0)
		return QK_AT_ERROR;
	for (unsigned int i = 1; file && i <= qk_sim_file_records(file); i++)
		if (read_entry(call, file, i, &entry) &&
		    !strncasecmp(entry.name, text, strlen(text)))
			say_entry(call, i, &entry);
	return QK_AT_OK;
}

/* The first free place, or 0. */
static unsigned int free_place(const struct qk_at_call *call, const struct qk_sim_file *file)
{
	struct entry entry;

	for (unsigned int i = 1; i <= qk_sim_file_records(file); i++)
		if (!read_entry(call, file, i, &entry))
			return i;
	return 0;
}

static int store(struct qk_at_call *call, const struct qk_sim_file *file, unsigned int i,
		 const struct entry *entry)
{
	uint8_t record[256];

	if (file->record_size > sizeof(record))
		return QK_AT_CME + QK_AT_CME_NOT_SUPPORTED;
	memset(record, 0xff, sizeof(record));
	if ((entry->name[0] || entry->number[0]) &&
	    qk_dialling_write(entry->name, entry->number, record, file->record_size) < 0)
		return QK_AT_CME + QK_AT_CME_TOO_LONG;
	switch (qk_sim_card_write_record(call->state, file, i,
					 (struct qk_span){ record, file->record_size })) {
	case QK_SIM_SW_OK:
		return QK_AT_OK;
	case QK_SIM_SW_NO_ACCESS:
		return QK_AT_CME + QK_AT_CME_PIN2;
	default:
		return QK_AT_CME + QK_AT_CME_INDEX;
	}
}

/* An index alone deletes; without one the first free place is taken. */
static int write_entry(struct qk_at_call *call)
{
	const struct qk_at_parsed *parsed = call->parsed;
	const struct qk_sim_file *file = book(call);
	uint32_t index = 0, type = 0;
	struct entry entry = { 0 };

	if (!file)
		return QK_AT_CME + QK_AT_CME_NOT_FOUND;
	if (parsed->arg_count > 4 ||
	    qk_at_arg_number(parsed, 0, 1, qk_sim_file_records(file), &index) < 0 ||
	    qk_at_arg_number(parsed, 2, 0, 255, &type) < 0)
		return QK_AT_CME + QK_AT_CME_INDEX;
	if (qk_at_arg_text(parsed, 1, entry.number, sizeof(entry.number)) < 0 ||
	    entry.number[strspn(entry.number, "+0123456789*#")])
		return QK_AT_CME + QK_AT_CME_TOO_LONG;
	if (qk_at_has_arg(parsed, 3) &&
	    qk_at_charset_read(qk_at_get(call->port, QK_AT_SET_CSCS), parsed->args[3].text,
			       parsed->args[3].size, entry.name, sizeof(entry.name)) < 0)
		return QK_AT_CME + QK_AT_CME_TOO_LONG;
	/* the type says that it is international where the number does not */
	if (type == 145 && entry.number[0] != '+' && strlen(entry.number) + 1 < NUMBER_MAX) {
		memmove(entry.number + 1, entry.number, strlen(entry.number) + 1);
		entry.number[0] = '+';
	}
	if (!index)
		index = free_place(call, file);
	if (!index)
		return QK_AT_CME + QK_AT_CME_MEMORY_FULL;
	return store(call, file, index, &entry);
}

static int test_read(struct qk_at_call *call)
{
	const struct qk_sim_file *file = book(call);

	if (!file)
		return QK_AT_CME + QK_AT_CME_NOT_FOUND;
	qk_at_say(call, "+CPBR: (1-%u),20,%u", qk_sim_file_records(file),
		  file->record_size - QK_DIALLING_SIZE);
	return QK_AT_OK;
}

static int test_find(struct qk_at_call *call)
{
	const struct qk_sim_file *file = book(call);

	if (!file)
		return QK_AT_CME + QK_AT_CME_NOT_FOUND;
	qk_at_say(call, "+CPBF: 20,%u", file->record_size - QK_DIALLING_SIZE);
	return QK_AT_OK;
}

static int test_write(struct qk_at_call *call)
{
	const struct qk_sim_file *file = book(call);

	if (!file)
		return QK_AT_CME + QK_AT_CME_NOT_FOUND;
	qk_at_say(call, "+CPBW: (1-%u),20,(129,145,161,177),%u", qk_sim_file_records(file),
		  file->record_size - QK_DIALLING_SIZE);
	return QK_AT_OK;
}

static int own_numbers(struct qk_at_call *call)
{
	const struct qk_sim_file *file = qk_sim_card_find_id(&call->state->card, 0x6f40);
	struct entry entry;
	char name[NAME_MAX * 4];

	for (unsigned int i = 1; file && i <= qk_sim_file_records(file); i++) {
		if (!read_entry(call, file, i, &entry) || !entry.number[0])
			continue;
		qk_at_charset_write(qk_at_get(call->port, QK_AT_SET_CSCS), entry.name, name,
				    sizeof(name));
		qk_at_say(call, name[0] ? "+CNUM: \"%s\",\"%s\",%d" : "+CNUM: %s,\"%s\",%d", name,
			  entry.number, qk_at_number_type(entry.number));
	}
	return QK_AT_OK;
}

static const struct qk_at_command commands[] = {
	{ .name = "+CPBS",
	  .flags = QK_AT_NEEDS_PIN,
	  .set = select_book,
	  .read = read_book,
	  .test = "(\"SM\",\"FD\",\"ON\")" },
	{ .name = "+CPBR", .flags = QK_AT_NEEDS_PIN, .set = read_entries, .test_fn = test_read },
	{ .name = "+CPBF", .flags = QK_AT_NEEDS_PIN, .set = find_entries, .test_fn = test_find },
	{ .name = "+CPBW", .flags = QK_AT_NEEDS_PIN, .set = write_entry, .test_fn = test_write },
	{ .name = "+CNUM", .flags = QK_AT_NEEDS_PIN, .execute = own_numbers, .test = "" },
};

const struct qk_at_table qk_at_phonebook_table = {
	commands,
	sizeof(commands) / sizeof(commands[0]),
};
