/*
 * Access: who may call what. Root may everything; others are polkit's to judge by the action that a method names.
 * Where there is no polkit on the bus, members of a group may do what concerns modems.
 *
 * Owns: the questions that are not answered yet. Does not know: what a method does.
 * Lifetime: access_open() to access_close(), around its api_bus. Called from: manager.c; by api_bus for each call.
 *
 * Nothing waits meanwhile: the caller's identity and polkit's judgement come as answers on the bus. A user may be
 * asked for a password.
 */
#pragma once

#include <systemd/sd-bus.h>
#include <sys/types.h>

#include "api/object.h"
#include "log.h"

struct access_question;

struct access {
	sd_bus *bus;
	const struct log *log;
	gid_t group; /* (gid_t)-1: none */
	struct access_question *questions;
};

/* `group` NULL: that of serial ports, whose members can speak to a modem anyway. -ENOENT: there is no such group. */
QK_MUST_CHECK int access_open(struct access *access, sd_bus *bus, const struct log *log,
			      const char *group);
void access_close(struct access *access);

/* For api_bus_new(), with the struct access as userdata. */
void access_check(struct api_call *call, void *userdata);
