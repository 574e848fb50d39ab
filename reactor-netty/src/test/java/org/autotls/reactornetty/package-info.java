@NullMarked
package org.autotls.reactornetty;

import org.jspecify.annotations.NullMarked;
