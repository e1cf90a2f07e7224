/** What a node is told when its metadata stream begins, before it may send anything. */
import type { ClassTables } from '../../../classes/frame-classifier.ts';
import { kindClasses } from '../../../classes/kind-classes.ts';
import type { Policy } from '../../../classes/policy.ts';
import { Principal } from '../../../classes/rule-table.ts';
import type { NodeLink } from '../../nodes/node-metadata-server.ts';

/**
 * Tells the class of each kind, and then a first credit in every class: `factor` times a session's burst. Whatever a node
 * has kept waiting is in the right lane when the credit comes. Rules on tenants are left out: a node speaks for many.
 */
export function greetNode(link: NodeLink, policy: Policy, tables: ClassTables, factor: number): void {
  tellClasses(link, policy, tables);
  for (const { name, plane, retired, session } of policy.classes) {
    if (plane === 'metadata' && !retired) link.write({ credit: { class: name, frames: session.burst * factor } });
  }
}

/** Tells a node the class of each kind, as the policy in force has it. */
export function tellClasses(link: NodeLink, policy: Policy, tables: ClassTables): void {
  const classifier = tables.sender(Principal.node, '');
  link.write({ gateway: { classes: kindClasses(policy, (kind) => classifier.classOf(kind)) } });
}
