@NullMarked
package org.autotls.responder;

import org.jspecify.annotations.NullMarked;
