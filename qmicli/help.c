/*
 * The help texts.
 */
#include "help.h"

#include <stdio.h>
#include <string.h>

#include "accepts.h"

#ifndef QK_VERSION
#define QK_VERSION "unknown"
#endif

enum { COLUMN = 44, INDENT = 10, WIDTH = 100 };

/* Columns that `text` takes: its characters, not its bytes. */
static int columns(const char *text)
{
	int count = 0;

	for (; *text; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

/* One option and what it does; a long option pushes its sentence to the next line. */
static void print_row(const char *name, char letter, const char *argument, const char *help,
		      struct output *out)
{
	char letters[8] = "";
	const char *equals = argument && *argument != '[' ? "=" : ""; /* "[=X]" may miss */
	int used = 4 + columns(name) + columns(equals) + (argument ? columns(argument) : 0);

	if (letter) {
		snprintf(letters, sizeof(letters), "-%c, ", letter);
		used += 4;
	}
	output_printf(out, "  %s--%s%s%s", letters, name, equals, argument ? argument : "");
	if (used >= COLUMN)
		output_printf(out, "\n%*s", COLUMN, "");
	else
		output_printf(out, "%*s", COLUMN - used, "");
	output_printf(out, "%s\n", help);
}

/* Whether the form that help shows leaves open what a piece may be. */
static bool needs_telling(const struct accept *accept)
{
	struct qk_string word;
	size_t i;

	if (accept->key.size)
		return !accept->shown.size;
	for (i = 0; (word = accept_word(accept, i)).size; i++)
		if (memmem(accept->shown.data, accept->shown.size, word.data, word.size))
			return false;
	return accept->shown.size && i;
}

/* "NAME=WORD|WORD", on as many lines as it takes. */
static void print_piece(const char *line, struct output *out)
{
	int indent = INDENT, used = 0;

	while (*line) {
		size_t size = strcspn(line, "|");

		size += line[size] == '|';
		if (used && used + (int)size > WIDTH) {
			indent = INDENT + 2;
			used = 0;
			output_printf(out, "\n");
		}
		if (!used) {
			output_printf(out, "%*s", indent, "");
			used = indent;
		}
		output_add(out, line, size);
		used += (int)size;
		line += size;
	}
	output_printf(out, "\n");
}

/* The keys of an argument, and the words that its form has no room for. */
static void print_argument(const struct command *command, struct output *out)
{
	struct accept list[ACCEPTS_MAX];
	size_t count = accepts(command, list);

	for (size_t i = 0; i < count; i++) {
		struct qk_string name = list[i].key.size ? list[i].key : list[i].shown;
		const char *bar = name.size ? memchr(name.data, '|', name.size) : NULL;
		struct output line = { 0 };

		if (!needs_telling(&list[i]))
			continue;
		output_add(&line, name.data, bar ? (size_t)(bar - name.data) : name.size);
		output_add(&line, "=", 1);
		accept_print(&list[i], &line);
		print_piece(line.data ? line.data : "", out);
		output_done(&line);
	}
}

static void print_service(const struct command_service *service, struct output *out)
{
	output_printf(out, "\n%s (%s):\n", service->title, service->name);
	for (const struct command *c = service->commands; c->name; c++) {
		print_row(c->name, c->letter, command_argument(c)->shown, c->help, out);
		print_argument(c, out);
	}
}

static void print_usage(struct output *out)
{
	output_printf(out,
		      "Usage: qmicli [-d DEVICE] OPTION...\n"
		      "Controls modems that speak QMI. Several actions in one call run one after "
		      "the other.\n");
}

static void print_options(struct output *out)
{
	output_printf(out, "\nOptions:\n");
	for (const struct option_row *o = option_rows; o->name; o++)
		print_row(o->name, o->letter, o->argument, o->help, out);
	for (size_t i = 0; command_services[i]; i++) {
		char name[32], help[64];

		snprintf(name, sizeof(name), "help-%s", command_services[i]->name);
		snprintf(help, sizeof(help), "Show the actions of %s", command_services[i]->title);
		print_row(name, 0, NULL, help, out);
	}
}

void help_print(const struct options *options, struct output *out)
{
	print_usage(out);
	if (options->help_service) {
		print_service(options->help_service, out);
		return;
	}
	print_options(out);
	print_service(command_services[0], out);
	for (size_t i = 1; options->help_all && command_services[i]; i++)
		print_service(command_services[i], out);
	output_printf(out, "\nThe manual page qmicli(1) has examples and the exit codes.\n");
}

void help_version(struct output *out)
{
	output_printf(out,
		      "qmicli %s (qmikit)\n"
		      "Options and output are those of libqmi's qmicli 1.32.2.\n",
		      QK_VERSION);
}
