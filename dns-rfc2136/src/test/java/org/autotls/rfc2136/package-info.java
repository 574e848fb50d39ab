/** Against a real BIND 9, and against a server that sends whatever it likes. */
@NullMarked
package org.autotls.rfc2136;

import org.jspecify.annotations.NullMarked;
