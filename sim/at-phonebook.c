/*
 * AT phone book: +CPB in the records of the card's files, which SIM programs and QMI see too (see
 * at-modem.h). Sources: 3GPP TS 27.007 8.11 to 8.14, 3GPP TS 31.102 4.2 and 4.4.2 (the files).
 */
#include "at-modem.h"

#include <string.h>
#include <strings.h>

#include "at-charset.h"
#include "modem.h"
#include "phonebook.h"

#define NAME_MAX QK_SIM_BOOK_NAME_MAX

static const char *const books[QK_SIM_BOOK_COUNT] = {
	[QK_SIM_BOOK_ADN] = "SM",
	[QK_SIM_BOOK_FDN] = "FD",
	[QK_SIM_BOOK_MSISDN] = "ON",
};

int qk_at_number_type(const char *number)
{
	return number[0] == '+' ? 145 : 129;
}

static const struct qk_sim_file *book(const struct qk_at_call *call)
{
	return qk_sim_book_file(&call->state->card, qk_at_get(call->port, QK_AT_SET_CPBS));
}

static void say_entry(struct qk_at_call *call, unsigned int i,
		      const struct qk_sim_book_entry *entry)
{
	char name[NAME_MAX * 4];

	qk_at_charset_write(qk_at_get(call->port, QK_AT_SET_CSCS), entry->name, name, sizeof(name));
	qk_at_say(call, "%s: %u,\"%s\",%d,\"%s\"", call->command->name, i, entry->number,
		  qk_at_number_type(entry->number), name);
}

static int select_book(struct qk_at_call *call)
{
	for (uint32_t i = 0; i < QK_SIM_BOOK_COUNT; i++) {
		if (call->parsed->arg_count > 2 || !qk_at_arg_is(call->parsed, 0, books[i]))
			continue;
		qk_at_put_setting(call->port, QK_AT_SET_CPBS, i);
		return QK_AT_OK;
	}
	return QK_AT_CME + QK_AT_CME_NOT_SUPPORTED;
}

static int read_book(struct qk_at_call *call)
{
	const struct qk_sim_file *file = book(call);
	unsigned int used = file ? qk_sim_book_used(&call->state->card, file) : 0;
	unsigned int total = file ? qk_sim_file_records(file) : 0;

	qk_at_say(call, "+CPBS: \"%s\",%u,%u", books[qk_at_get(call->port, QK_AT_SET_CPBS)], used,
		  total);
	return QK_AT_OK;
}

static int read_entries(struct qk_at_call *call)
{
	const struct qk_sim_file *file = book(call);
	unsigned int total = file ? qk_sim_file_records(file) : 0;
	uint32_t first = 0, last;
	struct qk_sim_book_entry entry;

	if (call->parsed->arg_count > 2 || !qk_at_has_arg(call->parsed, 0) ||
	    qk_at_arg_number(call->parsed, 0, 1, total, &first) < 0)
		return QK_AT_CME + QK_AT_CME_INDEX;
	last = first;
	if (qk_at_arg_number(call->parsed, 1, first, total, &last) < 0)
		return QK_AT_CME + QK_AT_CME_INDEX;
	for (unsigned int i = first; i <= last; i++)
		if (qk_sim_book_read(&call->state->card, file, i, &entry))
			say_entry(call, i, &entry);
	return QK_AT_OK;
}

static int find_entries(struct qk_at_call *call)
{
	const struct qk_sim_file *file = book(call);
	char text[NAME_MAX];
	struct qk_sim_book_entry entry;

	if (call->parsed->arg_count != 1 ||
	    qk_at_charset_read(qk_at_get(call->port, QK_AT_SET_CSCS), call->parsed->args[0].text,
			       call->parsed->args[0].size, text, sizeof(text)) < 0)
		return QK_AT_ERROR;
	for (unsigned int i = 1; file && i <= qk_sim_file_records(file); i++)
		if (qk_sim_book_read(&call->state->card, file, i, &entry) &&
		    !strncasecmp(entry.name, text, strlen(text)))
			say_entry(call, i, &entry);
	return QK_AT_OK;
}

static int store(struct qk_at_call *call, const struct qk_sim_file *file, unsigned int i,
		 const struct qk_sim_book_entry *entry)
{
	switch (qk_sim_book_write(call->state, file, i, entry)) {
	case QK_SIM_SW_OK:
		return QK_AT_OK;
	case QK_SIM_SW_NO_ACCESS:
		return QK_AT_CME + QK_AT_CME_PIN2;
	case QK_SIM_SW_WRONG_LENGTH:
		return QK_AT_CME + QK_AT_CME_TOO_LONG;
	case QK_SIM_SW_WRONG_TYPE:
		return QK_AT_CME + QK_AT_CME_NOT_SUPPORTED;
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
	struct qk_sim_book_entry entry = { 0 };

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
	if (type == 145 && entry.number[0] != '+' &&
	    strlen(entry.number) + 1 < QK_SIM_BOOK_NUMBER_MAX) {
		memmove(entry.number + 1, entry.number, strlen(entry.number) + 1);
		entry.number[0] = '+';
	}
	if (!index)
		index = qk_sim_book_free(&call->state->card, file, 1);
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
		  qk_sim_book_name_size(file));
	return QK_AT_OK;
}

static int test_find(struct qk_at_call *call)
{
	const struct qk_sim_file *file = book(call);

	if (!file)
		return QK_AT_CME + QK_AT_CME_NOT_FOUND;
	qk_at_say(call, "+CPBF: 20,%u", qk_sim_book_name_size(file));
	return QK_AT_OK;
}

static int test_write(struct qk_at_call *call)
{
	const struct qk_sim_file *file = book(call);

	if (!file)
		return QK_AT_CME + QK_AT_CME_NOT_FOUND;
	qk_at_say(call, "+CPBW: (1-%u),20,(129,145,161,177),%u", qk_sim_file_records(file),
		  qk_sim_book_name_size(file));
	return QK_AT_OK;
}

static int own_numbers(struct qk_at_call *call)
{
	const struct qk_sim_file *file = qk_sim_book_file(&call->state->card, QK_SIM_BOOK_MSISDN);
	struct qk_sim_book_entry entry;
	char name[NAME_MAX * 4];

	for (unsigned int i = 1; file && i <= qk_sim_file_records(file); i++) {
		if (!qk_sim_book_read(&call->state->card, file, i, &entry) || !entry.number[0])
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
