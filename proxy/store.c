/*
 * The tables of leases: text with a sum, written aside and renamed over the one before.
 */
#include "store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_MAX_SIZE (PATH_MAX + 512)

enum { SUM_LINE = sizeof("sum 00000000\n") - 1 };

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
	size_t size, used; /* used: also by what had no room */
};

static void put(struct out *out, const char *text, size_t size)
{
	if (out->used <= out->size && size <= out->size - out->used)
		memcpy(out->data + out->used, text, size);
	out->used += size;
}

static void put_text(struct out *out, const char *text)
{
	put(out, text, strlen(text));
}

static void put_byte(struct out *out, uint8_t number)
{
	char digits[4];
	size_t at = sizeof(digits);

	digits[--at] = ' ';
	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	put(out, digits + at, sizeof(digits) - at);
}

static void put_lease(struct out *out, const struct lease *lease)
{
	put_text(out, "lease ");
	put_byte(out, lease->service);
	put_byte(out, lease->id);
	put_byte(out, lease->call);
	put_text(out, lease->name ? lease->name : "-");
	put(out, "\n", 1);
}

static void put_leases(struct out *out, const struct lease_table *leases)
{
	for (size_t service = 0; service < 256; service++) {
		const struct lease_ids *ids = leases->by_service[service];

		for (size_t id = 0; ids && id < ids->count; id++) {
			if (ids->at[id])
				put_lease(out, ids->at[id]);
		}
	}
}

/* The last line. */
static void write_sum(uint32_t sum, char ret[SUM_LINE])
{
	memcpy(ret, "sum 00000000\n", SUM_LINE);
	for (size_t at = SUM_LINE - 2; sum; sum >>= 4)
		ret[at--] = "0123456789abcdef"[sum & 15];
}

size_t store_write(const struct modem *modem, const char *boot, char *buffer, size_t size)
{
	struct out out = { .data = buffer, .size = size };
	char sum[SUM_LINE];

	put_text(&out, "qmi-proxy 1 ");
	put_text(&out, boot);
	put_text(&out, "\nmodem ");
	put_text(&out, modem->identity);
	put(&out, " ", 1);
	put_text(&out, modem->path);
	put(&out, "\n", 1);
	put_leases(&out, &modem->leases);
	write_sum(out.used <= size ? sum_of(buffer, out.used) : 0, sum);
	put(&out, sum, sizeof(sum));
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
	struct in in = { .boot = boot };
	char expected[SUM_LINE];
	int r;

	if (size < SUM_LINE)
		return -EBADMSG;
	size -= SUM_LINE;
	write_sum(sum_of(text, size), expected);
	if (memcmp(text + size, expected, SUM_LINE) != 0)
		return -EBADMSG;
	r = read_lines(&in, text, size);
	if (r < 0)
		return r;
	in.fn = fn;
	in.userdata = userdata;
	return read_lines(&in, text, size);
}

/* Names. */

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_' || c == '.' || c == ':';
}

/* Whether there was room. */
static bool escape(const char *before, const char *text, char ret[NAME_MAX + 1])
{
	struct out out = { .data = ret, .size = NAME_MAX + 1 };

	put_text(&out, before);
	for (; *text; text++) {
		uint8_t byte = (uint8_t)*text;
		char code[] = { '%', "0123456789ABCDEF"[byte >> 4], "0123456789ABCDEF"[byte & 15] };

		if (is_plain(*text))
			put(&out, text, 1);
		else
			put(&out, code, sizeof(code));
	}
	put(&out, "", 1);
	return out.used <= out.size;
}

/* By the path; where that is too long by the identity, which no other modem that is there has. */
static int name_of(const struct modem *modem, char ret[NAME_MAX + 1])
{
	if (escape("table-", modem->path, ret) || escape("table-@", modem->identity, ret))
		return 0;
	return -ENAMETOOLONG;
}

/* Whether a broker gave the name. */
static bool is_ours(const char *name)
{
	static const char *const begins[] = { "table-%2F", "table-unix:%2F", "table-@" };

	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
		if (!strncmp(name, begins[i], strlen(begins[i])))
			return true;
	}
	return false;
}

/* Files. */

/* What a broker wrote that had one table for all modems, and what is written now. */
#define TABLE_OF_ALL "table"
#define ASIDE "table.new"

static int read_boot(char ret[STORE_BOOT_SIZE])
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
	int r;

	_Static_assert(STORE_BOOT_SIZE == 64, "the width below");
	r = file && fscanf(file, "%63s", ret) == 1 ? 0 : -EIO;

	if (file)
		fclose(file);
	return r;
}

int store_open(struct store *store, const char *folder)
{
	int r = read_boot(store->boot);

	store->folder = -1;
	if (r < 0)
		return r;
	store->folder = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return store->folder < 0 ? -errno : 0;
}

void store_close(struct store *store)
{
	if (store->folder >= 0)
		close(store->folder);
	store->folder = -1;
}

/* A new file, whatever is there of that name. */
static int create(int folder)
{
	for (bool again = true;; again = false) {
		int fd = openat(folder, ASIDE, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

		if (fd >= 0)
			return fd;
		if (errno != EEXIST || !again || unlinkat(folder, ASIDE, 0) < 0)
			return -errno;
	}
}

static int write_all(int fd, const char *text, size_t size)
{
	while (size) {
		ssize_t n = write(fd, text, size);

		if (n < 0 && errno != EINTR)
			return -errno;
		text += n > 0 ? n : 0;
		size -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static int replace(int folder, const char *name, const char *text, size_t size)
{
	int fd = create(folder), r;

	if (fd < 0)
		return fd;
	r = write_all(fd, text, size);
	close(fd);
	if (r == 0 && renameat(folder, ASIDE, folder, name) < 0)
		r = -errno;
	if (r < 0)
		unlinkat(folder, ASIDE, 0);
	return r;
}

static int save_text(const struct store *store, const struct modem *modem, const char *name)
{
	char usual[4096], *text = usual;
	size_t size = store_write(modem, store->boot, usual, sizeof(usual));
	int r;

	if (size > STORE_MAX)
		return -EFBIG;
	if (size > sizeof(usual)) {
		text = malloc(size);
		if (!text)
			return -ENOMEM;
		store_write(modem, store->boot, text, size);
	}
	r = replace(store->folder, name, text, size);
	if (text != usual)
		free(text);
	return r;
}

/* Its path is to end with its line. */
static bool is_one_line(const struct modem *modem)
{
	return !strchr(modem->path, '\n');
}

int store_save(const struct store *store, struct modem *modem)
{
	char name[NAME_MAX + 1];
	int r;

	if (!modem->leases.changed || store->folder < 0 || !is_one_line(modem) || modem->closing)
		return 0;
	modem->leases.changed = false;
	r = name_of(modem, name);
	if (r == 0 && modem->leases.count)
		r = save_text(store, modem, name);
	else if (r == 0 && unlinkat(store->folder, name, 0) < 0 && errno != ENOENT)
		r = -errno;
	return r < 0 ? r : 1;
}

void store_forget(const struct store *store, const struct modem *modem)
{
	char name[NAME_MAX + 1];

	/* of others there is none */
	if ((modem->leases.count || modem->leases.changed) && store->folder >= 0 &&
	    name_of(modem, name) == 0)
		unlinkat(store->folder, name, 0);
}

/* Loading. */

static int read_all(int fd, char *text, size_t size)
{
	for (size_t used = 0; used < size;) {
		ssize_t n = read(fd, text + used, size - used);

		if (n == 0)
			return -EBADMSG;
		if (n < 0 && errno != EINTR)
			return -errno;
		used += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static int load_open(const struct store *store, int fd, const struct store_reader *reader)
{
	struct stat st;
	char *text;
	int r;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size < 1 || st.st_size > (off_t)STORE_MAX)
		return -EBADMSG;
	text = malloc((size_t)st.st_size);
	if (!text)
		return -ENOMEM;
	r = read_all(fd, text, (size_t)st.st_size);
	if (r == 0)
		r = store_read(text, (size_t)st.st_size, store->boot, reader->lease,
			       reader->userdata);
	free(text);
	return r;
}

/* 0 also where there is nothing to be had of it; else it may be had another time. */
static int load(const struct store *store, const char *name, const struct store_reader *reader)
{
	int fd = openat(store->folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	int r = fd < 0 ? -errno : load_open(store, fd, reader);

	if (fd >= 0)
		close(fd);
	if (r == -ELOOP)
		r = -EBADMSG; /* a link */
	if (r == 0 || r == -ENOENT || r == -ESTALE)
		return 0;
	reader->bad(reader->userdata, name, r);
	return r == -EBADMSG ? 0 : r;
}

static DIR *open_list(const struct store *store)
{
	int fd = openat(store->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);

	if (!list && fd >= 0)
		close(fd);
	return list;
}

int store_load(const struct store *store, const struct store_reader *reader)
{
	const struct dirent *entry;
	int count = 0, r;
	DIR *list;

	if (store->folder < 0)
		return 0;
	r = load(store, TABLE_OF_ALL, reader);
	list = open_list(store);
	if (!list)
		return -errno;
	while (count < STORE_FILES_MAX && (entry = readdir(list))) {
		if (!is_ours(entry->d_name))
			continue;

		int error = load(store, entry->d_name, reader);

		r = r < 0 ? r : error;
		count++;
	}
	closedir(list);
	return r;
}

static bool is_of_one(const struct broker *broker, const char *name)
{
	char its[NAME_MAX + 1];

	for (const struct modem *modem = broker->modems; modem; modem = modem->next) {
		if (modem->leases.count && name_of(modem, its) == 0 && !strcmp(its, name))
			return true;
	}
	return false;
}

void store_sweep(const struct store *store, const struct broker *broker)
{
	DIR *list = store->folder < 0 ? NULL : open_list(store);
	const struct dirent *entry;

	while (list && (entry = readdir(list))) {
		const char *name = entry->d_name;

		if ((is_ours(name) && !is_of_one(broker, name)) || !strcmp(name, TABLE_OF_ALL))
			unlinkat(store->folder, name, 0);
	}
	if (list)
		closedir(list);
}
