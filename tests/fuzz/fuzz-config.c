/* Fuzz target: what an administrator says of single modems. What is told is one line with its place; what was taken
 * names a modem. */
#include <stdlib.h>
#include <string.h>

#include "manager/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void tell(void *userdata, const char *text)
{
	(void)userdata;
	if (strncmp(text, "fuzz:", 5) != 0 || strchr(text, '\n'))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FILE *file = size ? fmemopen((void *)data, size, "r") : NULL;
	struct config config;

	if (!file)
		return 0;
	if (config_read(&config, file, "fuzz", tell, NULL) == 0) {
		for (size_t i = 0; i < config.count; i++) {
			const struct config_modem *m = &config.modems[i];

			if (!*m->name || (!*m->imei && !*m->usb_path && !*m->device) ||
			    !config_find(&config, m->imei, m->usb_path, m->device))
				abort();
		}
		config_free(&config);
	}
	fclose(file);
	return 0;
}
