// OAuth 2.0 Form Post Response Mode §2: the form sends itself. HTMLFormElement.submit, since a field may be named "submit".
HTMLFormElement.prototype.submit.call(document.getElementById("form-post"));
