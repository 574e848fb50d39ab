/** Automatic TLS for Vert.x. */
@NullMarked
package org.autotls.vertx;

import org.jspecify.annotations.NullMarked;
