/*
 * Follow: actions that go on until they are interrupted: monitors, and inhibitions.
 *
 * Owns: its event loop, while it runs. Does not know: the table of actions.
 * Lifetime: one call. Called from: actions.c.
 */
#pragma once

#include "mmcli/actions.h"

/* Before the objects are read: what is to be heard of. */
int follow_modems_watch(struct run *run);
int follow_state_watch(struct run *run);
int follow_location_watch(struct run *run);

int follow_modems(struct run *run);
int follow_state(struct run *run);
int follow_location(struct run *run);
int follow_inhibition(struct run *run);
int follow_ports(struct run *run);
