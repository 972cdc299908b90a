/* Fuzz target: what is reported of a port, as a line of a file. It is taken, with all that is mandatory and no name
 * that leads elsewhere, or refused with one line. */
#include <stdlib.h>
#include <string.h>

#include "manager/kernel-event.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = malloc(size + 1), error[128] = "";
	struct kernel_event event;
	int r;

	if (!line)
		return 0;
	if (size)
		memcpy(line, data, size);
	line[size] = 0;
	r = kernel_event_parse(&event, line, error, sizeof(error));
	if ((r != 0) != (*error != 0))
		abort();
	if (r == 0 &&
	    (!*event.action || !*event.subsystem || !*event.name || strchr(event.name, '/')))
		abort();
	free(line);
	return 0;
}
