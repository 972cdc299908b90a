/*
 * The documents of --json.
 */
#include "json.h"

#include <stdlib.h>
#include <string.h>
#include <qmikit/json.h>

#include "lib/3gpp/utf8.h"

/* One compact line; takes the reference. NULL, what a lack of memory leaves, fails the output. */
static void print(json_t *take, struct output *out)
{
	char *text = take ? json_dumps(take, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;

	if (text)
		output_printf(out, "%s\n", text);
	else
		out->failed = true;
	free(text);
	json_decref(take);
}

/* JSON is UTF-8, a path or an argument need not be: what is not becomes U+FFFD. */
static json_t *json_text(const char *text)
{
	struct qk_span rest = { (const uint8_t *)text, strlen(text) };
	struct output clean = { 0 };

	while (rest.size) {
		size_t valid = qk_utf8_valid(rest);

		output_add(&clean, (const char *)rest.data, valid);
		if (valid < rest.size)
			output_add(&clean, "\xef\xbf\xbd", 3);
		valid += valid < rest.size;
		rest = (struct qk_span){ rest.data + valid, rest.size - valid };
	}

	json_t *json = clean.data ? json_string(clean.data) : NULL;

	output_done(&clean);
	return json;
}

static void set_text(json_t *object, const char *name, const char *text)
{
	if (text && *text)
		json_object_set_new(object, name, json_text(text));
}

void json_print_answer(const struct qk_message *message, const void *decoded, struct output *out)
{
	print(message ? qk_to_json(message, decoded) : json_object(), out);
}

void json_print_failure(const struct failure *failure, struct output *out)
{
	json_t *error = json_object();

	set_text(error, "kind", failure_kind(failure));
	json_object_set_new(error, "exit-code", json_integer(failure->code));
	set_text(error, "message", failure->text);
	set_text(error, "hint", failure->hint);
	set_text(error, "action", failure->action);
	if (failure->error)
		json_object_set_new(error, "code", json_integer(failure->error));
	if (failure->modem) {
		set_text(error, "name", failure->modem->name);
		set_text(error, "sentence", failure->modem->sentence);
	}
	print(json_pack("{s:o}", "error", error), out);
}

void json_print_client(const char *service, unsigned int id, struct output *out)
{
	print(json_pack("{s:{s:s, s:i}}", "client", "service", service, "cid", (int)id), out);
}

void json_print_ports(const struct qk_port *ports, size_t count, struct output *out)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		json_t *port = json_object();

		set_text(port, "path", ports[i].path);
		set_text(port, "driver", ports[i].driver);
		set_text(port, "usb-path", ports[i].usb_path);
		set_text(port, "interface", ports[i].interface);
		set_text(port, "vendor", ports[i].vendor);
		set_text(port, "product", ports[i].product);
		set_text(port, "description", ports[i].description);
		json_array_append_new(list, port);
	}
	print(json_pack("{s:o}", "devices", list), out);
}

static void set_hex(json_t *object, const char *name, struct qk_bytes bytes)
{
	char text[2 * UINT8_MAX + 1] = "";

	for (size_t i = 0; i < bytes.size && i < UINT8_MAX; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes.data[i]);
	json_object_set_new(object, name, json_string(text));
}

/* What the modem tells of one, and what was found out beside. */
static json_t *config_to_json(const struct json_config *config)
{
	json_t *object = qk_to_json(&qk_pdc_get_config_info_message, config->info);

	json_object_del(object, "token");
	json_object_del(object, "indication-result");
	set_text(object, "config-type", config->type);
	set_text(object, "status", config->status);
	set_hex(object, "id", config->id);
	return object;
}

void json_print_configs(const struct json_config *configs, size_t count, struct output *out)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, config_to_json(&configs[i]));
	print(json_pack("{s:o}", "configs", list), out);
}

void json_print_word(const char *name, const char *word, struct output *out)
{
	print(json_pack("{s:o}", name, json_text(word)), out);
}

static json_t *link_to_json(const struct qk_mux_link *link)
{
	json_t *object = json_object();

	set_text(object, "interface", link->name);
	if (link->mux_id)
		json_object_set_new(object, "mux-id", json_integer(link->mux_id));
	return object;
}

void json_print_link(const struct qk_mux_link *link, struct output *out)
{
	print(json_pack("{s:o}", "link", link_to_json(link)), out);
}

void json_print_links(const struct qk_mux_link *links, size_t count, struct output *out)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, link_to_json(&links[i]));
	print(json_pack("{s:o}", "links", list), out);
}
