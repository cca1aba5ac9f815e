/* SPDX-License-Identifier: BSD-2-Clause */
/* The rules of loader/rules/event_rules.h as people write them. */
#ifndef LOADER_RULES_EVENT_RULE_PARSE_H
#define LOADER_RULES_EVENT_RULE_PARSE_H

#include "loader/rules/ruleset.h"

/*
 * Adds 'VERDICT KIND VALUE'. is_try: VERDICT was 'try deny'. 0 or -EBADMSG: the error names
 * what is wrong with the line.
 */
int event_rule_network(struct ruleset *set, const char *value, enum filter_verdict verdict,
                       bool is_try);
int event_rule_port(struct ruleset *set, const char *value, enum filter_verdict verdict,
                    bool is_try);
int event_rule_container(struct ruleset *set, const char *value, enum filter_verdict verdict,
                         bool is_try);

int event_rule_exe(struct ruleset *set, const char *value, enum filter_verdict verdict,
                   bool is_try);
int event_rule_tree(struct ruleset *set, const char *value, enum filter_verdict verdict,
                    bool is_try);

/*
 * The same of a value that is right, if it is to try or of one output: else the kernel side
 * has the rule. word: cgroup or unit, of which value is written, and path is that of the
 * cgroup without needless slashes. classes: 1 << enum event_type.
 */
int event_rule_uid(struct ruleset *set, uint32_t uid, enum filter_verdict verdict, bool is_try);
int event_rule_comm(struct ruleset *set, const char *comm, enum filter_verdict verdict,
                    bool is_try);
int event_rule_cgroup(struct ruleset *set, const char *word, const char *value, const char *path,
                      enum filter_verdict verdict, bool is_try);
int event_rule_class(struct ruleset *set, const char *value, uint32_t classes,
                     enum filter_verdict verdict, bool is_try);

#endif
