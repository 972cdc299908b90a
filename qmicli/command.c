/*
 * The list of services, finding a command in it, and what the services' commands share.
 */
#include "command.h"

#include <stdio.h>
#include <string.h>

#include "services.h"

enum { NAME_MAX_SIZE = 64 };

const struct command_service *const command_services[] = {
	&commands_ctl, &commands_links, &commands_qmiwwan, &commands_dms, &commands_nas,
	&commands_wds, &commands_uim,   &commands_pbm,     &commands_wms, &commands_voice,
	&commands_wda, &commands_dpm,   &commands_qos,     &commands_dsd, &commands_sar,
	&commands_ims, &commands_imsa,  &commands_imsp,    &commands_gms, &commands_atr,
	&commands_fox, &commands_gas,   &commands_loc,     &commands_pdc, NULL,
};

const struct command_word command_enable[] = { { "disable", 0 }, { "enable", 1 }, { 0 } };

/* The service whose message a command sends, and the message's name; NULL: it sends none. */
static const struct qk_service *service_of(const struct command *command, const char **ret_message)
{
	const char *slash = command->method ? strchr(command->method, '/') : NULL;
	char name[16];

	if (!slash)
		return NULL;
	snprintf(name, sizeof(name), "%.*s", (int)(slash - command->method), command->method);
	*ret_message = slash + 1;
	return qk_service_by_name(name);
}

const struct qk_method *command_method(const struct command *command)
{
	const char *name;
	const struct qk_service *service = service_of(command, &name);
	const struct qk_message *request =
		service ? qk_message_by_name(service, QK_REQUEST, name) : NULL;

	for (size_t i = 0; request && i < service->method_count; i++)
		if (service->methods[i].request == request)
			return &service->methods[i];
	return NULL;
}

const struct qk_message *command_indication(const struct command *command)
{
	const char *name;
	const struct qk_service *service = command->told ? service_of(command, &name) : NULL;

	return service ? qk_message_by_name(service, QK_INDICATION, name) : NULL;
}

const struct command_argument *command_argument(const struct command *command)
{
	static const struct command_argument none;

	return command->argument ? command->argument : &none;
}

const struct command_course *command_course(const struct command *command)
{
	static const struct command_course none;

	return command->course ? command->course : &none;
}

const struct command *command_find(const char *name, size_t size,
				   const struct command_service **ret_service)
{
	for (size_t s = 0; command_services[s]; s++) {
		for (const struct command *c = command_services[s]->commands; c->name; c++) {
			if (strncmp(c->name, name, size) || c->name[size])
				continue;
			if (ret_service)
				*ret_service = command_services[s];
			return c;
		}
	}
	return NULL;
}

const struct command *command_by_letter(char letter, const struct command_service **ret_service)
{
	for (size_t s = 0; command_services[s]; s++) {
		for (const struct command *c = command_services[s]->commands; c->name; c++) {
			if (c->letter != letter)
				continue;
			*ret_service = command_services[s];
			return c;
		}
	}
	return NULL;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How many characters must be put in, left out or changed: Levenshtein's distance. */
static size_t distance(const char *a, size_t a_size, const char *b)
{
	size_t row[NAME_MAX_SIZE + 1], b_size = strlen(b);

	if (a_size > NAME_MAX_SIZE || b_size > NAME_MAX_SIZE)
		return NAME_MAX_SIZE;
	for (size_t k = 0; k <= b_size; k++)
		row[k] = k;
	for (size_t i = 1; i <= a_size; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t k = 1; k <= b_size; k++) {
			size_t above = row[k];

			row[k] = least(least(above, row[k - 1]) + 1,
				       diagonal + (a[i - 1] != b[k - 1]));
			diagonal = above;
		}
	}
	return row[b_size];
}

const char *command_nearest(const char *name, size_t size)
{
	const char *nearest = NULL;
	size_t best = size / 3 + 1; /* further away is another word */

	for (size_t s = 0; command_services[s]; s++) {
		for (const struct command *c = command_services[s]->commands; c->name; c++) {
			size_t d = distance(name, size, c->name);

			if (d < best) {
				best = d;
				nearest = c->name;
			}
		}
	}
	return nearest;
}

void print_supported_messages(const struct text_scope *scope, struct output *out)
{
	struct qk_span bits = text_bytes(scope, "list");
	bool any = false;

	for (size_t i = 0; i < bits.size * 8; i++) {
		if (!(bits.data[i / 8] & 1 << i % 8))
			continue;
		output_printf(out, "\t0x%04X\n", (unsigned int)(uint16_t)i);
		any = true;
	}
	if (!any)
		output_printf(out, "\tnone\n");
}
