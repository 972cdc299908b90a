/*
 * A request by the name of its command.
 */
#include "command-request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "qmicli/options.h"

void *request_of(const char *name, const char *argument, struct failure *failure)
{
	struct action action = { .argument = argument };
	void *request = NULL;

	*failure = (struct failure){ 0 };
	action.command = command_find(name, strlen(name), &action.service);
	assert_non_null(action.command);
	return request_new(&action, &request, failure) ? NULL : request;
}
