/*
 * Registry: two small JSON files. Each is written anew beside itself and then renamed, so that it is whole at any
 * time.
 */
#include "registry.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* More modems than anybody has; beyond, the one not seen for longest is forgotten. */
enum { MODEMS_MAX = 256, FILE_MAX = 256 * 1024, UID_MAX = 63, IMEI_MAX = 31 };

/* --- Files */

static json_t *read_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	json_t *document = NULL;
	struct stat status;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size <= FILE_MAX)
		document = json_loadfd(fd, JSON_REJECT_DUPLICATES, NULL);
	close(fd);
	return document;
}

static int write_all(int fd, const char *text)
{
	for (size_t left = strlen(text); left > 0;) {
		ssize_t n = write(fd, text, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		text += n;
		left -= (size_t)n;
	}
	return 0;
}

static int write_whole(int fd, const json_t *document)
{
	char *text = json_dumps(document, JSON_INDENT(1) | JSON_SORT_KEYS);
	int r = text ? write_all(fd, text) : -ENOMEM;

	free(text);
	if (r == 0 && fsync(fd) < 0 && errno != EINVAL)
		r = -errno;
	if (close(fd) < 0 && r == 0)
		r = -errno;
	return r;
}

static void write_file(const struct registry *registry, const char *path, const json_t *document)
{
	char beside[264];
	int fd, r;

	if (!*path)
		return;
	snprintf(beside, sizeof(beside), "%s.new", path);
	unlink(beside);
	fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	r = fd < 0 ? -errno : write_whole(fd, document);
	if (r == 0 && rename(beside, path) < 0)
		r = -errno;
	if (r < 0)
		log_line(registry->log, LOG_WARNING, NULL, "%s cannot be written: %s", path,
			 strerror(-r));
}

/* --- Modems */

static const char *text_of(const json_t *record, const char *key)
{
	return json_string_value(json_object_get(record, key));
}

static unsigned int index_of(const json_t *record)
{
	return (unsigned int)json_integer_value(json_object_get(record, "index"));
}

static bool is_sane(const json_t *record)
{
	const char *uid = text_of(record, "uid"), *imei = text_of(record, "imei");
	const json_t *index = json_object_get(record, "index");

	return uid && imei && strlen(uid) <= UID_MAX && strlen(imei) <= IMEI_MAX &&
	       json_is_integer(index) && json_integer_value(index) >= 0 &&
	       json_integer_value(index) <= REGISTRY_INDEX_MAX;
}

static const json_t *find(const struct registry *registry, const char *key, const char *value)
{
	for (size_t i = json_array_size(registry->modems); i > 0; i--) {
		const json_t *record = json_array_get(registry->modems, i - 1);

		if (*value && strcmp(text_of(record, key), value) == 0)
			return record;
	}
	return NULL;
}

static const json_t *find_index(const struct registry *registry, unsigned int index)
{
	const json_t *record;
	size_t i;

	json_array_foreach(registry->modems, i, record)
	{
		if (index_of(record) == index)
			return record;
	}
	return NULL;
}

/* Takes over the records that make sense, each index once. */
static void load_modems(struct registry *registry)
{
	json_t *document = read_file(registry->state_path);
	const json_t *records = json_object_get(document, "modems");
	json_t *record;
	size_t i;

	json_array_foreach(records, i, record)
	{
		if (is_sane(record) && !find_index(registry, index_of(record)) &&
		    json_array_size(registry->modems) < MODEMS_MAX)
			json_array_append(registry->modems, record);
	}
	json_decref(document);
}

static int set_path(char *path, size_t size, const char *folder, const char *name)
{
	int length = folder ? snprintf(path, size, "%s/%s", folder, name) : 0;

	return length < 0 || (size_t)length >= size ? -ENAMETOOLONG : 0;
}

int registry_open(struct registry *registry, const struct log *log, const char *state_folder,
		  const char *run_folder)
{
	size_t size = sizeof(registry->state_path);

	*registry = (struct registry){ .log = log };
	if (set_path(registry->state_path, size, state_folder, "modems.json") < 0 ||
	    set_path(registry->run_path, size, run_folder, "connections.json") < 0)
		return -ENAMETOOLONG;
	registry->modems = json_array();
	if (!registry->modems)
		return -ENOMEM;
	load_modems(registry);
	registry->up = read_file(registry->run_path);
	if (!json_is_object(registry->up)) {
		json_decref(registry->up);
		registry->up = json_object();
	}
	if (!registry->up) {
		registry_close(registry);
		return -ENOMEM;
	}
	return 0;
}

void registry_save(struct registry *registry)
{
	json_t *document;

	if (!registry->unsaved)
		return;
	registry->unsaved = false;
	document = json_pack("{s: O}", "modems", registry->modems);
	if (document)
		write_file(registry, registry->state_path, document);
	json_decref(document);
}

void registry_close(struct registry *registry)
{
	registry_save(registry);
	json_decref(registry->modems);
	json_decref(registry->up);
	registry->modems = registry->up = NULL;
}

int registry_index_at(const struct registry *registry, const char *uid)
{
	const json_t *record = find(registry, "uid", uid);

	return record ? (int)index_of(record) : -1;
}

int registry_index_of(const struct registry *registry, const char *imei)
{
	const json_t *record = find(registry, "imei", imei);

	return record ? (int)index_of(record) : -1;
}

bool registry_is_taken(const struct registry *registry, unsigned int index, const char *imei)
{
	const json_t *record = find_index(registry, index);

	return record && *text_of(record, "imei") && strcmp(text_of(record, "imei"), imei) != 0;
}

unsigned int registry_next(const struct registry *registry)
{
	const json_t *record;
	unsigned int next = 0;
	size_t i;

	json_array_foreach(registry->modems, i, record)
	{
		if (index_of(record) >= next)
			next = index_of(record) + 1;
	}
	if (next > REGISTRY_INDEX_MAX)
		for (next = 0; find_index(registry, next);)
			next++;
	return next;
}

/* Whether that is what would be read from the file: no other modem was seen there since. */
static bool is_known(const struct registry *registry, const json_t *record)
{
	const json_t *last = find(registry, "uid", text_of(record, "uid"));

	return last ? json_equal(record, last) : false;
}

bool registry_note(struct registry *registry, unsigned int index, const char *uid, const char *imei)
{
	json_t *record = json_pack("{s: s, s: s, s: i}", "uid", uid, "imei", imei, "index", index);

	if (!record || !is_sane(record)) {
		json_decref(record);
		return false;
	}
	if (!is_known(registry, record))
		registry->unsaved = true;
	for (size_t i = json_array_size(registry->modems); i > 0; i--)
		if (index_of(json_array_get(registry->modems, i - 1)) == index)
			json_array_remove(registry->modems, i - 1);
	if (json_array_size(registry->modems) >= MODEMS_MAX)
		json_array_remove(registry->modems, 0);
	json_array_append_new(registry->modems, record);
	return registry->unsaved;
}

/* --- What is up */

void registry_keep(struct registry *registry, unsigned int index, json_t *take_what)
{
	char key[16];

	snprintf(key, sizeof(key), "%u", index);
	if (json_equal(json_object_get(registry->up, key), take_what)) {
		json_decref(take_what);
		return;
	}
	if (!take_what && json_object_del(registry->up, key) < 0)
		return;
	if (take_what)
		json_object_set_new(registry->up, key, take_what);
	write_file(registry, registry->run_path, registry->up);
}

const json_t *registry_kept(const struct registry *registry, unsigned int index)
{
	char key[16];

	snprintf(key, sizeof(key), "%u", index);
	return json_object_get(registry->up, key);
}
