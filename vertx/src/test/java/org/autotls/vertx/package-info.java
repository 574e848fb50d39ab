@NullMarked
package org.autotls.vertx;

import org.jspecify.annotations.NullMarked;
