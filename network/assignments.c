/*
 * Reading KEY=value lines: one pass, a character at a time, no line kept.
 *
 * Sources: POSIX.1-2017, Shell Command Language, 2.2 (quoting) and 2.9.1 (assignments).
 */
#include "assignments.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct reader {
	const char *pos, *end;
	struct assignment now;
	size_t size; /* of now.value */
	struct failure *failure;
};

static int wrong(struct reader *r, const char *what)
{
	return failure_set(r->failure, EXIT_USAGE, "%s:%u: %s", r->now.file, r->now.line, what);
}

static bool is_name(char c, bool first)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
	       (!first && c >= '0' && c <= '9');
}

/* The next character, or 0 at the end. A line may end as Windows ends it. */
static char peek(const struct reader *r)
{
	if (r->pos == r->end)
		return 0;
	if (*r->pos == '\r' && (r->pos + 1 == r->end || r->pos[1] == '\n'))
		return '\n';
	return *r->pos;
}

static void skip_blanks(struct reader *r)
{
	while (r->pos < r->end && (*r->pos == ' ' || *r->pos == '\t'))
		r->pos++;
}

static void skip_comment(struct reader *r)
{
	while (r->pos < r->end && *r->pos != '\n')
		r->pos++;
}

static int add(struct reader *r, char c)
{
	if ((unsigned char)c < ' ' || c == 0x7f)
		return wrong(r, "a control character");
	if (r->size == ASSIGNMENT_VALUE_MAX)
		return wrong(r, "the value is too long");
	r->now.value[r->size++] = c;
	return 0;
}

/* What stands between quotes; the opening one was read. */
static int read_quoted(struct reader *r, char quote)
{
	int wrong_so_far = 0;

	while (!wrong_so_far) {
		char c = peek(r);

		if (!c && r->pos < r->end)
			return wrong(r, "a control character");
		if (!c || c == '\n')
			return wrong(r, "a quote is not closed on its line");
		r->pos++;
		if (c == quote)
			return 0;
		if (quote == '"' && (c == '$' || c == '`'))
			return wrong(r,
				     "nothing is substituted here; put it in '...' if it is meant");
		/* In double quotes a backslash means something before these alone. */
		if (quote == '"' && c == '\\' && r->pos < r->end && strchr("$`\"\\", *r->pos) &&
		    *r->pos)
			c = *r->pos++;
		wrong_so_far = add(r, c);
	}
	return wrong_so_far;
}

static int read_plain(struct reader *r, char c)
{
	if (strchr("$`", c))
		return wrong(r, "nothing is substituted here; put it in '...' if it is meant");
	if (strchr("&|;<>()", c))
		return wrong(r, "nothing is carried out here; put it in quotes if it is meant");
	if (c != '\\')
		return add(r, c);
	c = peek(r);
	if (!c || c == '\n')
		return wrong(r, "a line cannot be continued");
	r->pos++;
	return add(r, c);
}

static int read_value(struct reader *r)
{
	for (;;) {
		char c = peek(r);
		int bad;

		if (r->pos == r->end || c == ' ' || c == '\t' || c == '\n')
			break;
		if (c == ';') { /* ends an assignment, as a line's end does */
			r->pos++;
			break;
		}
		r->pos++;
		if (c == '"' || c == '\'')
			bad = read_quoted(r, c);
		else
			bad = c ? read_plain(r, c) : wrong(r, "a control character");
		if (bad)
			return bad;
	}
	r->now.value[r->size] = 0;
	return 0;
}

static int read_key(struct reader *r)
{
	size_t size = 0;

	while (r->pos < r->end && is_name(*r->pos, size == 0)) {
		if (size == ASSIGNMENT_KEY_MAX)
			return wrong(r, "the name is too long");
		r->now.key[size++] = *r->pos++;
	}
	r->now.key[size] = 0;
	/* "export KEY=value" is an assignment in a shell, too. */
	if (!strcmp(r->now.key, "export") && (peek(r) == ' ' || peek(r) == '\t')) {
		skip_blanks(r);
		return read_key(r);
	}
	if (!size || r->pos == r->end || *r->pos != '=')
		return wrong(r, "this is no KEY=value, and nothing else is carried out here");
	r->pos++;
	return 0;
}

int assignments_parse(const char *file, const char *text, size_t size, assignment_fn fn,
		      void *userdata, struct failure *failure)
{
	struct reader r = { text, text + size, { .file = file, .line = 1 }, 0, failure };
	int bad = 0;

	while (!bad) {
		skip_blanks(&r);
		if (r.pos == r.end)
			return 0;
		if (*r.pos == '#')
			skip_comment(&r);
		if (r.pos < r.end && peek(&r) == '\n') {
			r.pos += *r.pos == '\r' && r.pos + 1 < r.end ? 2 : 1;
			r.now.line++;
			continue;
		}
		if (r.pos == r.end)
			return 0;
		r.size = 0;
		bad = read_key(&r);
		if (!bad)
			bad = read_value(&r);
		if (!bad)
			bad = fn(&r.now, userdata, failure);
	}
	return bad;
}

static int read_all(int fd, char *text, size_t *ret_size)
{
	size_t size = 0;

	for (;;) {
		ssize_t n = read(fd, text + size, ASSIGNMENTS_FILE_MAX + 1 - size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		size += (size_t)n;
		if (size > ASSIGNMENTS_FILE_MAX)
			return -EFBIG;
		if (n == 0)
			break;
	}
	*ret_size = size;
	return 0;
}

int assignments_read(int take_fd, char **ret_text, size_t *ret_size)
{
	char *text = malloc(ASSIGNMENTS_FILE_MAX + 1);
	int r = text ? read_all(take_fd, text, ret_size) : -ENOMEM;

	close(take_fd);
	if (r < 0)
		free(text);
	else
		*ret_text = text;
	return r;
}
