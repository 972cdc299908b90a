/*
 * Fuzz target: the file of modems and that of connections, whatever somebody has written to them. What is taken over
 * makes sense; a modem that is new then has an index of its own, also after the next start.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "manager/registry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void write_file(const char *folder, const char *name, const uint8_t *data, size_t size)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "wb");
	check(file && fwrite(data, 1, size, file) == size && fclose(file) == 0);
}

static void remove_file(const char *folder, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	unlink(path);
}

/* Each index is in range, and one modem's. */
static void check_records(const struct registry *registry)
{
	const json_t *record;
	size_t i;

	json_array_foreach(registry->modems, i, record)
	{
		json_int_t index = json_integer_value(json_object_get(record, "index"));
		const char *imei = json_string_value(json_object_get(record, "imei"));

		check(index >= 0 && index <= REGISTRY_INDEX_MAX && imei);
		/* Without an IMEI it is a place, and nobody's. */
		check(!*imei || registry_index_of(registry, imei) >= 0);
		(void)registry_kept(registry, (unsigned int)index);
	}
}

static void use(const char *folder, const struct log *log)
{
	static const char imei[] = "861111111111111", uid[] = "9-9";
	struct registry registry;
	unsigned int index;

	check(registry_open(&registry, log, folder, folder) == 0);
	check_records(&registry);
	(void)registry_index_at(&registry, uid);
	index = registry_next(&registry);
	check(index <= REGISTRY_INDEX_MAX);
	if (registry_index_of(&registry, imei) < 0) {
		check(!registry_is_taken(&registry, index, imei));
		registry_note(&registry, index, uid, imei);
		check(registry_index_of(&registry, imei) == (int)index);
		registry_keep(&registry, index, json_pack("{s: i}", "x", 1));
		registry_close(&registry);
		check(registry_open(&registry, log, folder, folder) == 0);
		check(registry_index_of(&registry, imei) == (int)index);
		check(registry_kept(&registry, index) != NULL);
	}
	registry_close(&registry);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct log log = { .level = -1 };
	char folder[] = "/tmp/fuzz-registry-XXXXXX";
	const uint8_t *cut = size ? memchr(data, '\n', size) : NULL;
	size_t first = cut ? (size_t)(cut - data) : size;

	check(mkdtemp(folder) != NULL);
	write_file(folder, "modems.json", data, first);
	write_file(folder, "connections.json", data + first, size - first);
	use(folder, &log);
	remove_file(folder, "modems.json");
	remove_file(folder, "connections.json");
	rmdir(folder);
	return 0;
}
