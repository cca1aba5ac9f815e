/* SPDX-License-Identifier: BSD-2-Clause */
/* What the command line and the configuration files ask for. Strings belong to the settings it was
 * made of. */
#ifndef LOADER_CONFIG_CONFIG_H
#define LOADER_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "loader/config/output_config.h"
#include "loader/host/databases.h"
#include "loader/rules/filter_file.h"
#include "loader/util/log.h"

#define CONFIG_FILE "/etc/sextant/sextant.conf"

/* Where 'sextant status' asks, if no --control says another. */
#define CONTROL_SOCKET "/run/sextant/control.sock"

#define HEARTBEAT_NS 60000000000ULL
#define CANARY_NS    60000000000ULL
#define CPU_BUDGET   50
#define HASH_BUDGET  (16ULL << 20)

/* Variables that can inject code into a program or change what a shell runs. */
#define ENV_DEFAULT                                                                             \
	"LD_PRELOAD,LD_AUDIT,LD_LIBRARY_PATH,BASH_ENV,ENV,PYTHONSTARTUP,PERL5OPT,NODE_OPTIONS," \
	"JAVA_TOOL_OPTIONS"

struct redaction;
struct setting_list;

struct config {
	struct databases databases;
	const char *override;             /* release or build-id; NULL: this kernel's own */
	unsigned int classes;             /* to report: 1 << enum event_type */
	unsigned int required;            /* of these, the ones without which run fails */
	unsigned int attach_methods;      /* that may be used: 1 << enum attach_method */
	unsigned int tiers;               /* of programs: 1 << tier; 0: the kernel's */
	const char *env;                  /* names of environment variables, separated by commas */
	struct rule_source rules;         /* which events are reported; texts is allocated */
	const char *outputs[OUTPUTS_MAX]; /* as they were written; none: standard output */
	size_t output_count;
	const char *record;          /* file for records, or with them; NULL: none */
	struct redaction *redaction; /* secrets that are replaced; NULL: none */
	const char *control;         /* socket for 'sextant status'; NULL: none */
	const char *control_group;   /* that may use it as well as root; NULL: none */
	const char *metrics_file;    /* where metrics are written to; NULL: nowhere */
	const char *metrics_listen;  /* where they are answered by HTTP; NULL: nowhere */
	uint64_t heartbeat_ns;       /* how often the sensor reports of itself; 0: never */
	uint64_t canary_ns;          /* how often it tests its probes; 0: never */
	bool container_names;        /* are looked for */
	uint64_t hash_budget;        /* bytes of executables to read in a second; 0: no hashes */
	unsigned int cpu_budget;     /* per cent of one CPU that it may take; 0: no limit */
	uint64_t duration_ns;        /* 0: until a signal */
	enum output_format format;   /* of outputs that name none */
	bool json;                   /* check, show, status */
	bool metrics;                /* status */
	bool instructions;           /* check: the verifier's count of each program */
	bool try_layouts;            /* check: the self-test with each layout of the databases */
	bool only_stream;            /* of these, with those of this kernel's stream */
	const char *pin;             /* database for the entry that is proven; NULL: none */
	bool no_self_test;
	bool only_check; /* config: print nothing */
	enum log_level log_level;
	bool verbose;                        /* the last of them: also what libbpf says */
	const char *file;                    /* the configuration file; NULL: none */
	const struct setting_list *settings; /* that it was made of */
};

/*
 * Makes *ret of the settings, with the defaults for what they do not say.
 * -EINVAL: a wrong value; -ENOMEM. config_deinit() takes a zeroed struct too.
 */
int config_init(struct config *ret, const struct setting_list *settings,
                struct offsets_error *error);
void config_deinit(struct config *config);

/* The output of that number, with what it does not say itself. It is right: config_init(). */
void config_output(const struct config *config, size_t i, struct output_config *ret);

/* Reads the rules, to see if they are right. 0 or -errno. */
int config_rules_check(const struct config *config, struct offsets_error *error);

#endif
