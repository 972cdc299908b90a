/*
 * DNS: one question, its answer (see inet-dns.h).
 */
#include "inet-dns.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define HEADER 12u
#define NAME_MAX_BYTES 255u
#define LABEL_MAX 63u
#define TTL_SEC 60u

#define FLAG_ANSWER 0x8000u
#define FLAG_RECURSION_HERE 0x0080u

enum { CLASS_IN = 1, CLASS_ANY = 255 };
enum { TYPE_A = 1, TYPE_PTR = 12, TYPE_AAAA = 28, TYPE_ANY = 255 };
enum { NO_ERROR = 0, FORMAT_ERROR = 1, NO_NAME = 3, NOT_IMPLEMENTED = 4, REFUSED = 5 };

struct question {
	struct qk_span bytes; /* as it was asked */
	char name[NAME_MAX_BYTES + 1];
	uint16_t type, class;
};

/* Takes a name off the cursor as text. A question is the first name of a message: there is nothing for
 * it to point to. */
static bool read_name(struct qk_cursor *c, char *text)
{
	size_t used = 0;

	for (;;) {
		size_t size = qk_cursor_uint(c, 1, true);
		struct qk_span label = qk_cursor_take(c, size);

		if (c->error || size > LABEL_MAX || used + size + 1 > NAME_MAX_BYTES)
			return false;
		if (!size)
			break;
		if (used)
			text[used++] = '.';
		for (size_t i = 0; i < size; i++, used++)
			/* a dot within a label is like no name of ours, nor is a 0 */
			text[used] =
				label.data[i] && label.data[i] != '.' ? (char)label.data[i] : '?';
	}
	text[used] = 0;
	return true;
}

static bool read_question(struct qk_span message, struct question *ret)
{
	struct qk_span rest = { message.data + HEADER, message.size - HEADER };
	struct qk_cursor c = qk_cursor(rest);

	if (!read_name(&c, ret->name))
		return false;
	ret->type = (uint16_t)qk_cursor_uint(&c, 2, true);
	ret->class = (uint16_t)qk_cursor_uint(&c, 2, true);
	if (c.error)
		return false;
	ret->bytes = (struct qk_span){ rest.data, rest.size - qk_cursor_left(&c) };
	return true;
}

static bool ends_in(const char *name, const char *zone)
{
	size_t size = strlen(name), tail = strlen(zone);

	if (size < tail || strcasecmp(name + size - tail, zone) != 0)
		return false;
	return size == tail || name[size - tail - 1] == '.';
}

/* --- Records */

struct answer {
	struct qk_writer w;
	uint16_t count;
};

/* A record about the name in the question, which stands right behind the header. */
static void write_record(struct answer *answer, uint16_t type, const void *data, size_t size)
{
	qk_write_uint(&answer->w, 0xc000 | HEADER, 2, true);
	qk_write_uint(&answer->w, type, 2, true);
	qk_write_uint(&answer->w, CLASS_IN, 2, true);
	qk_write_uint(&answer->w, TTL_SEC, 4, true);
	qk_write_uint(&answer->w, size, 2, true);
	qk_write_bytes(&answer->w, data, size);
	answer->count++;
}

static void write_addresses(struct answer *answer, uint16_t type,
			    const struct qk_inet_address *address4,
			    const struct qk_inet_address *address6)
{
	if ((type == TYPE_A || type == TYPE_ANY) && !qk_inet_is_unspecified(address4))
		write_record(answer, TYPE_A, address4->bytes, 4);
	if ((type == TYPE_AAAA || type == TYPE_ANY) && !qk_inet_is_unspecified(address6))
		write_record(answer, TYPE_AAAA, address6->bytes, 16);
}

static void write_pointer(struct answer *answer, const char *name)
{
	uint8_t bytes[NAME_MAX_BYTES + 1];
	struct qk_writer w = qk_writer(bytes, sizeof(bytes));

	while (*name) {
		size_t size = strcspn(name, ".");

		if (size > LABEL_MAX)
			return;
		if (size) {
			qk_write_uint(&w, size, 1, true);
			qk_write_bytes(&w, name, size);
		}
		name += size + (name[size] == '.');
	}
	qk_write_uint(&w, 0, 1, true);
	if (!w.error)
		write_record(answer, TYPE_PTR, bytes, qk_writer_used(&w));
}

/* --- The zone */

static struct qk_inet_address name_address4(const struct qk_sim_name *name)
{
	return qk_inet_address4(name->address4);
}

static struct qk_inet_address name_address6(const struct qk_sim_name *name)
{
	struct qk_inet_address address;

	memcpy(address.bytes, name->address6, sizeof(address.bytes));
	return address;
}

/* The name under which an address is asked for backwards: 1.0.0.10.in-addr.arpa. */
static void reverse_name(const struct qk_inet_address *address, uint8_t version, char *text,
			 size_t size)
{
	static const char digits[] = "0123456789abcdef";
	size_t used = 0;

	if (version == 4) {
		snprintf(text, size, "%d.%d.%d.%d.in-addr.arpa", address->bytes[3],
			 address->bytes[2], address->bytes[1], address->bytes[0]);
		return;
	}
	for (size_t i = 16; i-- > 0;) {
		text[used++] = digits[address->bytes[i] & 15];
		text[used++] = '.';
		text[used++] = digits[address->bytes[i] >> 4];
		text[used++] = '.';
	}
	snprintf(text + used, size - used, "ip6.arpa");
}

static bool is_reverse_of(const char *name, const struct qk_inet_address *address, uint8_t version)
{
	char text[80];

	if (qk_inet_is_unspecified(address))
		return false;
	reverse_name(address, version, text, sizeof(text));
	return strcasecmp(name, text) == 0;
}

/* Whose address it is, or NULL. */
static const char *find_reverse(const struct qk_dns_zone *zone, const char *name)
{
	if (is_reverse_of(name, &zone->gateway4, 4) || is_reverse_of(name, &zone->gateway6, 6))
		return "gateway";
	for (size_t i = 0; i < zone->name_count; i++) {
		struct qk_inet_address address4 = name_address4(&zone->names[i]);
		struct qk_inet_address address6 = name_address6(&zone->names[i]);

		if (is_reverse_of(name, &address4, 4) || is_reverse_of(name, &address6, 6))
			return zone->names[i].name;
	}
	return NULL;
}

static const struct qk_sim_name *find_name(const struct qk_dns_zone *zone, const char *name)
{
	for (size_t i = 0; i < zone->name_count; i++)
		if (strcasecmp(zone->names[i].name, name) == 0)
			return &zone->names[i];
	return NULL;
}

static unsigned int resolve(const struct qk_dns_zone *zone, const struct question *question,
			    struct answer *answer)
{
	const struct qk_sim_name *known = find_name(zone, question->name);

	if (known) {
		struct qk_inet_address address4 = name_address4(known);
		struct qk_inet_address address6 = name_address6(known);
		write_addresses(answer, question->type, &address4, &address6);
		return NO_ERROR;
	}
	if (ends_in(question->name, "invalid"))
		return NO_NAME;
	if (ends_in(question->name, "arpa")) {
		const char *name = find_reverse(zone, question->name);
		if (name && (question->type == TYPE_PTR || question->type == TYPE_ANY))
			write_pointer(answer, name);
		return name ? NO_ERROR : NO_NAME;
	}
	/* the root has no address */
	if (question->name[0])
		write_addresses(answer, question->type, &zone->gateway4, &zone->gateway6);
	return NO_ERROR;
}

/* --- Messages */

static void write_header(uint8_t *at, struct qk_span message, unsigned int code, bool question,
			 uint16_t answers)
{
	struct qk_writer w = qk_writer(at, HEADER);
	uint16_t flags = (uint16_t)(message.data[2] << 8);

	/* the operation and whether recursion was wanted are repeated */
	flags = (uint16_t)((flags & 0x7900) | FLAG_ANSWER | FLAG_RECURSION_HERE | code);
	qk_write_bytes(&w, message.data, 2);
	qk_write_uint(&w, flags, 2, true);
	qk_write_uint(&w, question, 2, true);
	qk_write_uint(&w, answers, 2, true);
	qk_write_uint(&w, 0, 4, true);
}

int qk_dns_answer(const struct qk_dns_zone *zone, struct qk_span message, void *buffer, size_t size)
{
	struct question question = { 0 };
	struct answer answer = { .w = qk_writer(buffer, size) };
	unsigned int code = FORMAT_ERROR;

	/* an answer to an answer would go round for ever */
	if (message.size < HEADER || message.data[2] & 0x80)
		return 0;
	if (size < QK_DNS_MAX)
		return -ENOBUFS;
	qk_write_bytes(&answer.w, message.data, HEADER);
	if (message.data[2] & 0x78) {
		code = NOT_IMPLEMENTED;
	} else if (message.data[4] == 0 && message.data[5] == 1 &&
		   read_question(message, &question)) {
		qk_write_bytes(&answer.w, question.bytes.data, question.bytes.size);
		code = question.class == CLASS_IN || question.class == CLASS_ANY
			       ? resolve(zone, &question, &answer)
			       : REFUSED;
	}
	write_header(buffer, message, code, question.bytes.size != 0, answer.count);
	return answer.w.error ? answer.w.error : (int)qk_writer_used(&answer.w);
}
