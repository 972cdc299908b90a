/*
 * The table of leases: text with a sum, written beside the old one and renamed over it.
 */
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_SIZE (PATH_MAX + 512)

/* The CRC of Ethernet and zip (reflected 0x04c11db7), four bits at a time: the table is written with each id that a
 * modem gives. */
static uint32_t sum_of(const char *data, size_t size)
{
	static const uint32_t nibbles[16] = {
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
		0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
		0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	};
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < size; i++) {
		crc ^= (uint8_t)data[i];
		crc = crc >> 4 ^ nibbles[crc & 15];
		crc = crc >> 4 ^ nibbles[crc & 15];
	}
	return ~crc;
}

/* Writing. */

struct out {
	char *data;
	size_t size, used;
};

__attribute__((format(printf, 2, 3))) static void put(struct out *out, const char *format, ...)
{
	size_t left = out->used < out->size ? out->size - out->used : 0;
	va_list arguments;

	va_start(arguments, format);

	int n = vsnprintf(left ? out->data + out->used : NULL, left, format, arguments);

	va_end(arguments);
	out->used += n > 0 ? (size_t)n : 0;
}

static void put_lease(struct out *out, const struct lease *lease)
{
	put(out, "lease %u %u %u %s\n", lease->service, lease->id, lease->call,
	    lease->name ? lease->name : "-");
}

static void put_modem(struct out *out, const struct modem *modem)
{
	if (!modem->leases.count || strchr(modem->path, '\n'))
		return;
	put(out, "modem %s %s\n", modem->identity, modem->path);
	for (size_t service = 0; service < 256; service++) {
		const struct lease_ids *ids = modem->leases.by_service[service];

		for (size_t id = 0; ids && id < ids->count; id++) {
			if (ids->at[id])
				put_lease(out, ids->at[id]);
		}
	}
}

size_t store_write(const struct broker *broker, const char *boot, char *buffer, size_t size)
{
	struct out out = { .data = buffer, .size = size };

	put(&out, "qmi-proxy 1 %s\n", boot);
	for (const struct modem *modem = broker->modems; modem; modem = modem->next)
		put_modem(&out, modem);
	if (out.used < size)
		put(&out, "sum %08" PRIx32 "\n", sum_of(buffer, out.used));
	else
		out.used += sizeof("sum 00000000\n") - 1;
	return out.used;
}

/* Reading. */

struct in {
	const char *boot;
	store_fn fn; /* NULL: to check */
	void *userdata;
	char identity[128];
	char path[PATH_MAX];
};

/* The next line of `text` without its end; false at the end, or where a line is too long. */
static bool next_line(const char **text, size_t *left, char line[LINE_MAX_SIZE])
{
	const char *end = memchr(*text, '\n', *left);
	size_t size = end ? (size_t)(end - *text) : 0;

	if (!end || size >= LINE_MAX_SIZE || memchr(*text, 0, size))
		return false;
	memcpy(line, *text, size);
	line[size] = 0;
	*left -= size + 1;
	*text = end + 1;
	return true;
}

static int read_modem(struct in *in, const char *line)
{
	int at = 0;

	if (sscanf(line, "modem %127s %n", in->identity, &at) != 1 || !at || !line[at] ||
	    strlen(line + at) >= sizeof(in->path))
		return -EBADMSG;
	memcpy(in->path, line + at, strlen(line + at) + 1);
	return 0;
}

static int read_lease(struct in *in, const char *line)
{
	char name[LEASE_NAME_MAX + 1];
	unsigned int service, id, call;
	struct lease lease = { 0 };
	int at = 0;

	_Static_assert(LEASE_NAME_MAX == 64, "the width below");
	if (sscanf(line, "lease %3u %3u %1u %64s%n", &service, &id, &call, name, &at) != 4 || !at ||
	    line[at] || !*in->path)
		return -EBADMSG;
	if (service < 1 || service > 255 || id < 1 || id > 254 || call > LEASE_CALL_UP)
		return -EBADMSG;
	lease.service = (uint8_t)service;
	lease.id = (uint8_t)id;
	lease.call = (uint8_t)call;
	lease.name = strcmp(name, "-") ? name : NULL;
	if (in->fn)
		in->fn(in->userdata, in->path, in->identity, &lease);
	return 0;
}

static int read_lines(struct in *in, const char *text, size_t left)
{
	char line[LINE_MAX_SIZE];
	char boot[64];
	int r = 0;

	if (!next_line(&text, &left, line) || sscanf(line, "qmi-proxy 1 %63s", boot) != 1)
		return -EBADMSG;
	if (strcmp(boot, in->boot) != 0)
		return -ESTALE;
	in->path[0] = 0;
	while (r == 0 && left) {
		if (!next_line(&text, &left, line))
			return -EBADMSG;
		if (!strncmp(line, "modem ", 6))
			r = read_modem(in, line);
		else
			r = read_lease(in, line);
	}
	return r;
}

int store_read(const char *text, size_t size, const char *boot, store_fn fn, void *userdata)
{
	enum { SUM_LINE = sizeof("sum 00000000\n") - 1 };
	struct in in = { .boot = boot };
	char expected[SUM_LINE + 1];
	int r;

	if (size < SUM_LINE)
		return -EBADMSG;
	size -= SUM_LINE;
	snprintf(expected, sizeof(expected), "sum %08" PRIx32 "\n", sum_of(text, size));
	if (memcmp(text + size, expected, SUM_LINE) != 0)
		return -EBADMSG;
	r = read_lines(&in, text, size);
	if (r < 0)
		return r;
	in.fn = fn;
	in.userdata = userdata;
	return read_lines(&in, text, size);
}

/* Files. */

int store_boot(char ret[STORE_BOOT_SIZE])
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
	int r;

	_Static_assert(STORE_BOOT_SIZE == 64, "the width below");
	r = file && fscanf(file, "%63s", ret) == 1 ? 0 : -EIO;

	if (file)
		fclose(file);
	return r;
}

static int write_file(const char *path, const char *text, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	int r = 0;

	if (fd < 0)
		return -errno;
	while (r == 0 && size) {
		ssize_t n = write(fd, text, size);

		if (n < 0)
			r = errno == EINTR ? 0 : -errno;
		else
			text += n;
		size -= n > 0 ? (size_t)n : 0;
	}
	close(fd);
	return r;
}

int store_save(const struct broker *broker, const char *boot, const char *path)
{
	size_t size = 8192;
	char *text = malloc(size), aside[PATH_MAX];
	int r = 0;

	if (snprintf(aside, sizeof(aside), "%s.new", path) >= (int)sizeof(aside))
		r = -ENAMETOOLONG;
	while (r == 0 && text) {
		size_t needed = store_write(broker, boot, text, size);

		if (needed < size) {
			r = write_file(aside, text, needed);
			break;
		}
		free(text);
		size = needed + 1;
		text = needed < STORE_MAX ? malloc(size) : NULL;
	}
	if (r == 0 && !text)
		r = -ENOMEM;
	free(text);
	if (r == 0 && rename(aside, path) < 0)
		r = -errno;
	return r;
}

int store_load(const char *path, const char *boot, store_fn fn, void *userdata)
{
	FILE *file = fopen(path, "re");
	char *text;
	size_t size;
	int r;

	if (!file)
		return -errno;
	text = malloc(STORE_MAX);
	size = text ? fread(text, 1, STORE_MAX, file) : 0;
	fclose(file);
	r = text ? store_read(text, size, boot, fn, userdata) : -ENOMEM;
	free(text);
	return r;
}
