/* Fuzz target: the table of leases that a broker finds. */
#include <stdlib.h>
#include <string.h>

#include "proxy/store.h"

static void on_lease(void *userdata, const char *path, const char *identity,
		     const struct lease *lease)
{
	size_t *count = userdata;

	if (!*path || !*identity || !lease->id || !lease->service)
		abort();
	*count += 1 + (lease->name ? strlen(lease->name) : 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t count = 0;

	if (store_read((const char *)data, size, "boot", on_lease, &count) < 0 && count)
		abort();
	return 0;
}
