/*
 * Completion from the tables: names of options, then what accepts says of the argument.
 */
#include "complete.h"

#include <dirent.h>
#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/stat.h>
#include <qmikit/ports.h>

#include "accepts.h"
#include "options.h"

/* The word at work: what of it stays, and what is to be completed. */
struct completion {
	struct qk_string kept, rest;
	struct output *out;
};

static bool begins(struct qk_string word, struct qk_string beginning)
{
	return word.size >= beginning.size && !strncmp(word.data, beginning.data, beginning.size);
}

static struct qk_string string_of(const char *text)
{
	return (struct qk_string){ text, strlen(text) };
}

/* A candidate for the rest, with what stands behind it. */
static void offer(struct completion *c, struct qk_string word, const char *behind, const char *what)
{
	if (!begins(word, c->rest))
		return;
	output_add(c->out, c->kept.data, c->kept.size);
	output_add(c->out, word.data, word.size);
	output_printf(c->out, "%s\t", behind);
	/* A device may call itself anything. */
	for (; *what; what++)
		output_add(c->out, (unsigned char)*what < ' ' ? "?" : what, 1);
	output_add(c->out, "\n", 1);
}

/* --- Names of options */

static void offer_option(struct completion *c, const char *name, const char *argument,
			 const char *help)
{
	bool may_miss = argument && *argument == '[';

	if (!argument || may_miss)
		offer(c, string_of(name), "", help);
	if (argument)
		offer(c, string_of(name), "=", help);
}

static void complete_name(struct completion *c)
{
	for (const struct option_row *o = option_rows; o->name; o++)
		offer_option(c, o->name, o->argument, o->help);
	for (size_t s = 0; command_services[s]; s++) {
		const struct command_service *service = command_services[s];
		char name[32];

		snprintf(name, sizeof(name), "help-%s", service->name);
		offer(c, string_of(name), "", service->title);
		for (const struct command *row = service->commands; row->name; row++)
			offer_option(c, row->name, command_argument(row)->shown, row->help);
	}
}

/* --- What this machine has */

static void complete_interface(struct completion *c)
{
	struct if_nameindex *list = if_nameindex();

	for (struct if_nameindex *i = list; i && i->if_name; i++)
		offer(c, string_of(i->if_name), "", "network interface");
	if (list)
		if_freenameindex(list);
}

static bool is_folder(const char *folder, const char *name)
{
	struct stat st;
	char path[PATH_MAX];
	int used = snprintf(path, sizeof(path), "%s%s", folder, name);

	return used > 0 && (size_t)used < sizeof(path) && stat(path, &st) == 0 &&
	       S_ISDIR(st.st_mode);
}

/* The files that begin so. A name with a line's end in it cannot be told. */
static void complete_path(struct completion *c)
{
	char folder[PATH_MAX] = "";
	const char *slash = memrchr(c->rest.data, '/', c->rest.size);
	size_t size = slash ? (size_t)(slash + 1 - c->rest.data) : 0;

	if (size >= sizeof(folder))
		return;
	memcpy(folder, c->rest.data, size);
	folder[size] = 0;

	DIR *dir = opendir(size ? folder : ".");
	struct completion inside = {
		.kept = { c->kept.data, c->kept.size + size },
		.rest = { c->rest.data + size, c->rest.size - size },
		.out = c->out,
	};

	for (struct dirent *d = dir ? readdir(dir) : NULL; d; d = readdir(dir))
		if ((*d->d_name != '.' || inside.rest.size) && !strpbrk(d->d_name, "\n\t"))
			offer(&inside, string_of(d->d_name),
			      is_folder(folder, d->d_name) ? "/" : "", "");
	if (dir)
		closedir(dir);
}

static void complete_device(struct completion *c)
{
	static const char *const virtual_ones[] = { "sim:", "sim:ec25-eux", "sim:ec20",
						    "sim:ep06-e", "sim:everything" };
	struct qk_port *ports;
	size_t count;

	if (c->rest.size && strchr("/.", *c->rest.data))
		complete_path(c);
	for (size_t i = 0; i < sizeof(virtual_ones) / sizeof(virtual_ones[0]); i++)
		offer(c, string_of(virtual_ones[i]), "", "a virtual modem");
	if (c->rest.size || qk_ports_list(NULL, &ports, &count) < 0)
		return;
	for (size_t i = 0; i < count; i++)
		offer(c, string_of(ports[i].path), "", ports[i].description);
	qk_ports_free(ports);
}

/* --- Arguments */

/* What stands for something that this machine has. */
static const struct {
	const char *name;
	void (*complete)(struct completion *c);
} placeholders[] = {
	{ "IFACE", complete_interface },
	{ "PATH", complete_path },
	{ "FILE", complete_path },
	{ "DEVICE", complete_device },
};

/* Moves what stands before the last `c` of the rest to what is kept. */
static void keep_until(struct completion *c, char separator)
{
	const char *at = memrchr(c->rest.data, separator, c->rest.size);
	size_t size = at ? (size_t)(at + 1 - c->rest.data) : 0;

	c->kept.size += size;
	c->rest = (struct qk_string){ c->rest.data + size, c->rest.size - size };
}

static void complete_value(struct completion *c, const struct accept *accept)
{
	struct qk_string word;

	if (accept_joins(accept))
		keep_until(c, '|');
	for (size_t i = 0; (word = accept_word(accept, i)).size; i++)
		offer(c, word, "", "");
	for (size_t i = 0; i < sizeof(placeholders) / sizeof(placeholders[0]); i++)
		if (accept->shown.size == strlen(placeholders[i].name) &&
		    begins(accept->shown, string_of(placeholders[i].name)))
			placeholders[i].complete(c);
}

/* The piece that the rest, behind `place` commas, is a value of. */
static const struct accept *find_key(const struct accept *list, size_t count, struct qk_string key)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].key.size && list[i].key.size == key.size && begins(list[i].key, key))
			return &list[i];
	return NULL;
}

static void offer_keys(struct completion *c, const struct accept *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct output what = { 0 };

		if (!list[i].key.size)
			continue;
		accept_print(&list[i], &what);
		offer(c, list[i].key, "=", what.data ? what.data : "");
		output_done(&what);
	}
}

/* The rest is an argument: of it, what is behind the last comma. */
static void complete_argument(struct completion *c, const struct command *command)
{
	struct accept list[ACCEPTS_MAX];
	size_t count = accepts(command, list), place = 0, places = 0;
	struct qk_string all = c->rest;
	const char *equals;

	while (places < count && !list[places].key.size)
		places++;
	/* One value may have commas in it. */
	if (count > 1 || (count && list[0].key.size)) {
		keep_until(c, ',');
		for (size_t i = 0; i < all.size - c->rest.size; i++)
			place += all.data[i] == ',';
	}
	if (place < places)
		complete_value(c, &list[place]);
	equals = memchr(c->rest.data, '=', c->rest.size);
	if (equals) {
		const struct accept *key = find_key(
			list, count,
			(struct qk_string){ c->rest.data, (size_t)(equals - c->rest.data) });

		keep_until(c, '=');
		if (key)
			complete_value(c, key);
	} else if (place >= places || (command_argument(command)->plain && !place)) {
		offer_keys(c, list, count);
	}
}

/* What stands behind an option that is no action. */
static void complete_setting(struct completion *c, const struct option_row *row)
{
	const struct command_argument argument = { .shown = row->argument };
	const struct command as_command = { .argument = &argument };
	struct accept list[ACCEPTS_MAX];

	if (accepts(&as_command, list) && strchr(row->argument, '|'))
		keep_until(c, '|');
	complete_argument(c, &as_command);
}

/* The row of "--name" or "-x" among the options that are no actions, and the command of that name. */
static void find(struct qk_string option, const struct option_row **ret_row,
		 const struct command **ret_command)
{
	bool letter = option.size == 2 && option.data[0] == '-' && option.data[1] != '-';
	const struct command_service *service;

	if (!letter && (option.size < 3 || strncmp(option.data, "--", 2) != 0))
		return;
	for (const struct option_row *row = option_rows; row->name && !*ret_row; row++)
		if (letter ? row->letter == option.data[1]
			   : strlen(row->name) == option.size - 2 &&
				     !memcmp(row->name, option.data + 2, option.size - 2))
			*ret_row = row;
	if (!*ret_row)
		*ret_command = letter ? command_by_letter(option.data[1], &service)
				      : command_find(option.data + 2, option.size - 2, NULL);
}

/* The rest is what `option` takes. False: it takes nothing, or there is none. */
static bool complete_of(struct completion *c, struct qk_string option)
{
	const struct option_row *row = NULL;
	const struct command *command = NULL;

	find(option, &row, &command);
	if (row && row->argument)
		complete_setting(c, row);
	else if (command && command->argument)
		complete_argument(c, command);
	else
		return false;
	return true;
}

void complete_print(char *const *words, size_t count, struct output *out)
{
	const char *word = count ? words[count - 1] : "";
	const char *before = count > 1 ? words[count - 2] : "";
	const char *equals = strchr(word, '=');
	struct completion c = { .kept = { word, 0 }, .rest = string_of(word), .out = out };

	if (!strncmp(word, "--", 2) && equals) {
		size_t size = (size_t)(equals - word);

		c.kept.size = size + 1;
		c.rest = string_of(equals + 1);
		complete_of(&c, (struct qk_string){ word, size });
		return;
	}
	/* "--option VALUE"; an argument that may miss stands behind "=" alone. */
	if (!strchr(before, '=') && complete_of(&c, string_of(before)))
		return;
	if (*word && *word != '-')
		return;
	if (strlen(word) < 2 || word[1] == '-') {
		c.kept = (struct qk_string){ "--", 2 };
		c.rest = string_of(strlen(word) < 2 ? "" : word + 2);
		complete_name(&c);
	}
}
