/*
 * Fuzz target: what the daemon before this one left in connections.json, or whoever wrote to it. Bearers are made of it
 * and connected. Each can be read by clients, whatever was in the file, and nothing is left of them in the end.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/fuzz/manager-host.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NUMBERS = 6 };

/* An object that is there can be read. */
static int on_properties(sd_bus_message *message, void *userdata, sd_bus_error *unused)
{
	const sd_bus_error *error = sd_bus_message_get_error(message);

	(void)userdata, (void)unused;
	host_check(!error || strncmp(error->name, "org.freedesktop.DBus.Error.Unknown", 34) == 0 ||
		   strcmp(error->name, "org.freedesktop.DBus.Error.NoReply") == 0 ||
		   strcmp(error->name, "org.freedesktop.DBus.Error.Disconnected") == 0);
	return 0;
}

static void read_bearers(struct host *h)
{
	char path[64];

	for (unsigned int i = 0; i < NUMBERS; i++) {
		snprintf(path, sizeof(path), HOST_PATH "/Bearer/%u", i);
		host_check(sd_bus_call_method_async(h->client, NULL, NULL, path,
						    "org.freedesktop.DBus.Properties", "GetAll",
						    on_properties, NULL, "s",
						    "org.freedesktop.ModemManager1.Bearer") >= 0);
	}
	host_list_objects(h);
	host_settle(h);
}

static void write_file(const char *path, const uint8_t *data, size_t size)
{
	FILE *file = fopen(path, "wb");

	host_check(file && fwrite(data, 1, size, file) == size && fclose(file) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char folder[] = "/tmp/fuzz-resume-XXXXXX", path[64];
	struct host h = { 0 };

	host_check(mkdtemp(folder) != NULL);
	snprintf(path, sizeof(path), "%s/connections.json", folder);
	write_file(path, data, size);
	host_open(&h, folder);
	read_bearers(&h);
	host_control(&h, "{\"do\": \"registration\", \"state\": \"lost\"}");
	host_settle(&h);
	host_control(&h, "{\"do\": \"registration\", \"state\": \"home\"}");
	host_settle(&h);
	read_bearers(&h);
	host_close(&h);
	unlink(path);
	snprintf(path, sizeof(path), "%s/modems.json", folder);
	unlink(path);
	host_check(rmdir(folder) == 0);
	return 0;
}
