@NullMarked
package org.autotls.netty;

import org.jspecify.annotations.NullMarked;
