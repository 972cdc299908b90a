/*
 * Children: the property follows the list, and the signal comes behind it.
 */
#include "children.h"

#include <string.h>
#include <utlist.h>

#include "modem.h"

struct child *children_find(const struct children *children, const char *path)
{
	struct child *child;

	DL_FOREACH(children->first, child) {
		if (strcmp(api_object_path(child->object), path) == 0)
			return child;
	}
	return NULL;
}

json_t *children_paths(const struct children *children)
{
	json_t *list = json_array();
	const struct child *child;

	DL_FOREACH(children->first, child)
		json_array_append_new(list, json_string(api_object_path(child->object)));
	return list;
}

void children_add(struct children *children, struct child *take_child)
{
	DL_PREPEND(children->first, take_child);
	children->count++;
}

void children_tell(struct modem *modem, const struct children *children, struct child *child,
		   json_t *take_more)
{
	json_t *arguments = json_pack("[s]", api_object_path(child->object));

	if (take_more)
		json_array_extend(arguments, take_more);
	json_decref(take_more);
	api_object_publish(child->object);
	modem_set(modem, children->kind->list, children_paths(children));
	api_object_emit(modem->object, children->kind->added, arguments);
}

void children_remove(struct modem *modem, struct children *children, struct child *child)
{
	json_t *path = json_pack("[s]", api_object_path(child->object));

	DL_DELETE(children->first, child);
	children->count--;
	children->kind->free(child);
	modem_set(modem, children->kind->list, children_paths(children));
	api_object_emit(modem->object, children->kind->deleted, path);
}

void children_clear(struct modem *modem, struct children *children)
{
	while (children->first)
		children_remove(modem, children, children->first);
}
